import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const reciprocalParticle: Particle<{ input: 1 }, void, "output"> = {
  name: "reciprocal",
  summary: "One divided by each element.",
  formula: "y = 1 / x",
  element: ({ x }) => term`1 / ${x}`,
  example: { inputs: { input: [-2, 0.5, 4] } },
  keeps: ["output"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.reciprocal, simpleGrain, input, output);
  },
  backward({ output, grad }, into) {
    mapGrad(kernels.reciprocalGradInput, simpleGrain, output, grad, into.input);
  },
  cost: costOf(1),
  definition: ({ input }) => Float64Array.from(input.data, (x) => 1 / x),
};

/** One divided by each element; ±∞ at ±0. */
export function reciprocal(input: Tensor): Tensor {
  return apply(reciprocalParticle, { input }, undefined);
}
