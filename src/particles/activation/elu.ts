import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions, real } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export interface EluAttributes {
  /** −α is what large negative numbers come to. */
  readonly alpha: number;
}

export const eluParticle: Particle<{ input: 1 }, EluAttributes, "input"> = {
  name: "elu",
  summary: "The element where it is positive, a shifted exponential elsewhere.",
  formula: "y = x > 0 ? x : α·(eˣ − 1)",
  symbols: { alpha: "α" },
  element: ({ x, α }) => term`(${x} > 0 ? ${x} : ${α}·(e^${x} − 1))`,
  example: { inputs: { input: [-1, 0.5, 2] }, attributes: { alpha: 1 } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }, { alpha }) {
    map(kernels.elu, polynomialGrain, input, output, alpha);
  },
  backward({ input, grad }, into, { alpha }) {
    mapGrad(kernels.eluGradInput, polynomialGrain, input, grad, into.input, alpha);
  },
  cost: costOf(30),
  definition({ input }, { alpha }) {
    const scale = Math.fround(alpha);
    return Float64Array.from(input.data, (x) => (x < 0 ? scale * Math.expm1(x) : x));
  },
};

export const eluOptions: OptionsOf<EluAttributes> = { alpha: real(1) };

/** x where it is positive, `alpha`·(eˣ − 1) elsewhere (`alpha` is 1 by default). The derivative at 0 is `alpha`. */
export function elu(input: Tensor, options?: number | Partial<EluAttributes>): Tensor {
  return apply(eluParticle, { input }, readOptions("elu", options, eluOptions));
}
