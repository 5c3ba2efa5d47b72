import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const atanParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "atan",
  summary: "The angle between −π/2 and π/2 whose tangent is the element.",
  formula: "y = atan x",
  element: ({ x }) => term`atan ${x}`,
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.atan, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.atanGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(25),
  definition: ({ input }) => Float64Array.from(input.data, Math.atan),
};

/** The angle between −π/2 and π/2 whose tangent is the element. */
export function atan(input: Tensor): Tensor {
  return apply(atanParticle, { input }, undefined);
}
