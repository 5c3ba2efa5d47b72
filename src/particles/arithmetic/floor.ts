import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number } from "../../core/written.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, sameShape, simpleGrain } from "../how/elementwise.ts";
import { zeroGrad } from "./how/flat.ts";

export const floorParticle: Particle<{ input: 1 }, void> = {
  name: "floor",
  summary: "The largest whole number that is not greater than the element.",
  formula: "y = ⌊x⌋",
  example: { inputs: { input: [-1.5, 0.5, 2.25] } },
  keeps: [],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.floor, simpleGrain, input, output);
  },
  backward(_, into) {
    zeroGrad(into.input);
  },
  cost: costOf(1),
  definition: ({ input }) => Float64Array.from(input.data, Math.floor),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `⌊${number(x)}⌋`),
};

/** The largest whole number that is not greater than the element. Its derivative is 0, also where it jumps. */
export function floor(input: Tensor): Tensor {
  return apply(floorParticle, { input }, undefined);
}
