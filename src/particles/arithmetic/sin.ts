import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const sinParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "sin",
  summary: "The sine of each element, an angle in radians.",
  formula: "y = sin x",
  element: ({ x }) => term`sin ${x}`,
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.sin, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.sinGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(24),
  definition: ({ input }) => Float64Array.from(input.data, Math.sin),
};

/** The sine of each element, an angle in radians. Every float32 number is reduced right, however large; NaN at ±∞. */
export function sin(input: Tensor): Tensor {
  return apply(sinParticle, { input }, undefined);
}
