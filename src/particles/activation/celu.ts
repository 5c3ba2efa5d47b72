import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions, real } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export interface CeluAttributes {
  /** −α is what large negative numbers come to; not 0. */
  readonly alpha: number;
}

export const celuParticle: Particle<{ input: 1 }, CeluAttributes, "input"> = {
  name: "celu",
  summary: "The element where it is positive, an exponential of the same slope at 0 elsewhere.",
  formula: "y = x > 0 ? x : α·(e^(x/α) − 1)",
  symbols: { alpha: "α" },
  element: ({ x, α }) => term`(${x} > 0 ? ${x} : ${α}·(e^(${x}/${α}) − 1))`,
  example: { inputs: { input: [-1, 0.5, 2] }, attributes: { alpha: 1 } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }, { alpha }) {
    map(kernels.scaledElu, polynomialGrain, input, output, 1, alpha, alpha);
  },
  backward({ input, grad }, into, { alpha }) {
    mapGrad(kernels.scaledEluGradInput, polynomialGrain, input, grad, into.input, 1, alpha, alpha);
  },
  cost: costOf(31),
  definition: ({ input }, { alpha }) =>
    Float64Array.from(input.data, (x) => (x < 0 ? alpha * Math.expm1(x / alpha) : x)),
};

/** What `celu` takes. */
export const celuOptions: OptionsOf<CeluAttributes> = { alpha: real(1) };

/**
 * x where it is positive, α·(e^(x/α) − 1) elsewhere (`alpha` is 1 by default): unlike `elu` its slope is continuous
 * for every α.
 */
export function celu(input: Tensor, options?: Partial<CeluAttributes>): Tensor {
  return apply(celuParticle, { input }, readOptions("celu", options, celuOptions));
}
