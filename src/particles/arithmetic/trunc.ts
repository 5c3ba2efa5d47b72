import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number } from "../../core/written.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, sameShape, simpleGrain } from "../how/elementwise.ts";
import { zeroGrad } from "./how/flat.ts";

export const truncParticle: Particle<{ input: 1 }, void> = {
  name: "trunc",
  summary: "The element without what follows the point.",
  formula: "y = x without its fraction",
  example: { inputs: { input: [-1.5, 0.5, 2.25] } },
  keeps: [],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.trunc, simpleGrain, input, output);
  },
  backward(_, into) {
    zeroGrad(into.input);
  },
  cost: costOf(1),
  definition: ({ input }) => Float64Array.from(input.data, Math.trunc),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `${number(x)} without its fraction`),
};

/**
 * The element without what follows the point: the whole number next to it towards 0. Its derivative is 0, also where
 * it jumps.
 */
export function trunc(input: Tensor): Tensor {
  return apply(truncParticle, { input }, undefined);
}
