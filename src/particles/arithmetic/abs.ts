import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const absParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "abs",
  summary: "The number without its sign, element by element.",
  formula: "y = |x|",
  element: ({ x }) => term`|${x}|`,
  example: { inputs: { input: [-2, -0.5, 1, 3] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.abs, simpleGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.absGradInput, simpleGrain, input, grad, into.input);
  },
  cost: costOf(1),
  definition: ({ input }) => Float64Array.from(input.data, Math.abs),
};

/** The number without its sign, element by element. Its derivative at 0 is 0. */
export function abs(input: Tensor): Tensor {
  return apply(absParticle, { input }, undefined);
}
