import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const tanParticle: Particle<{ input: 1 }, void, "output"> = {
  name: "tan",
  summary: "The tangent of each element, an angle in radians.",
  formula: "y = tan x",
  element: ({ x }) => term`tan ${x}`,
  example: { inputs: { input: [-1, 0, 1] } },
  keeps: ["output"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.tan, polynomialGrain, input, output);
  },
  backward({ output, grad }, into) {
    mapGrad(kernels.tanGradInput, polynomialGrain, output, grad, into.input);
  },
  cost: costOf(26),
  definition: ({ input }) => Float64Array.from(input.data, Math.tan),
};

/**
 * The tangent of each element, an angle in radians. Every float32 number is reduced right, however large; NaN at ±∞.
 */
export function tan(input: Tensor): Tensor {
  return apply(tanParticle, { input }, undefined);
}
