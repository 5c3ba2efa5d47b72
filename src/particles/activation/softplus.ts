import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions, real } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export interface SoftplusAttributes {
  readonly beta: number;
  /** Where β·x is greater, the result is x. */
  readonly threshold: number;
}

export const softplusParticle: Particle<{ input: 1 }, SoftplusAttributes, "input"> = {
  name: "softplus",
  summary: "A smooth relu.",
  formula: "y = ln(1 + e^(β·x)) / β, x itself where β·x > threshold",
  symbols: { beta: "β" },
  element: ({ β, x }) => term`ln(1 + e^(${β}·${x})) / ${β}`,
  example: { inputs: { input: [-1, 0, 2] }, attributes: { beta: 1, threshold: 20 } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }, { beta, threshold }) {
    map(kernels.softplus, polynomialGrain, input, output, beta, threshold);
  },
  backward({ input, grad }, into, { beta, threshold }) {
    mapGrad(kernels.softplusGradInput, polynomialGrain, input, grad, into.input, beta, threshold);
  },
  cost: costOf(58),
  definition({ input }, attributes) {
    const beta = Math.fround(attributes.beta);
    const threshold = Math.fround(attributes.threshold);
    return Float64Array.from(input.data, (x) => {
      const v = beta * x;
      return Math.fround(v) > threshold ? x : (Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))) / beta;
    });
  },
};

export const softplusOptions: OptionsOf<SoftplusAttributes> = { beta: real(1), threshold: real(20) };

/** A smooth relu, ln(1 + e^(β·x)) / β; x itself where β·x > `threshold`. By default β is 1 and the threshold 20. */
export function softplus(input: Tensor, options?: number | Partial<SoftplusAttributes>): Tensor {
  return apply(softplusParticle, { input }, readOptions("softplus", options, softplusOptions));
}
