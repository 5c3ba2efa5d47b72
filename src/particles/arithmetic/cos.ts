import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const cosParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "cos",
  summary: "The cosine of each element, an angle in radians.",
  formula: "y = cos x",
  element: ({ x }) => term`cos ${x}`,
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.cos, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.cosGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(24),
  definition: ({ input }) => Float64Array.from(input.data, Math.cos),
};

/** The cosine of each element, an angle in radians. Every float32 number is reduced right, however large; NaN at ±∞. */
export function cos(input: Tensor): Tensor {
  return apply(cosParticle, { input }, undefined);
}
