import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";
import { zeroGrad } from "./how/flat.ts";

export const signParticle: Particle<{ input: 1 }, void> = {
  name: "sign",
  summary: "1 for positive elements, −1 for negative ones, 0 at 0.",
  formula: "y = x > 0 ? 1 : x < 0 ? −1 : 0",
  element: ({ x }) => term`(${x} > 0 ? 1 : ${x} < 0 ? −1 : 0)`,
  example: { inputs: { input: [-1.5, 0.25, 2] } },
  keeps: [],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.sign, simpleGrain, input, output);
  },
  backward(_, into) {
    zeroGrad(into.input);
  },
  cost: costOf(2),
  definition: ({ input }) => Float64Array.from(input.data, (x) => (x > 0 ? 1 : x < 0 ? -1 : 0)),
};

/**
 * 1 for positive elements, −1 for negative ones, 0 at ±0 and, as in PyTorch, at NaN. Its derivative is 0, also where
 * it jumps.
 */
export function sign(input: Tensor): Tensor {
  return apply(signParticle, { input }, undefined);
}
