import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const sqrtParticle: Particle<{ input: 1 }, void, "output"> = {
  name: "sqrt",
  summary: "The square root of each element.",
  formula: "y = √x",
  element: ({ x }) => term`√${x}`,
  example: { inputs: { input: [0.25, 1, 9] } },
  keeps: ["output"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.sqrt, simpleGrain, input, output);
  },
  backward({ output, grad }, into) {
    mapGrad(kernels.sqrtGradInput, simpleGrain, output, grad, into.input);
  },
  cost: costOf(1),
  definition: ({ input }) => Float64Array.from(input.data, Math.sqrt),
};

/** The square root, element by element: NaN below 0, −0 at −0. Its derivative at 0 is +∞. */
export function sqrt(input: Tensor): Tensor {
  return apply(sqrtParticle, { input }, undefined);
}
