import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const squareParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "square",
  summary: "The square of each element.",
  formula: "y = x²",
  element: ({ x }) => term`${x}²`,
  example: { inputs: { input: [-2, -0.5, 1, 3] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.square, simpleGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.squareGradInput, simpleGrain, input, grad, into.input);
  },
  cost: costOf(1),
  definition: ({ input }) => Float64Array.from(input.data, (x) => x * x),
};

/** The square, element by element. */
export function square(input: Tensor): Tensor {
  return apply(squareParticle, { input }, undefined);
}
