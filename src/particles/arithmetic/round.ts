import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number } from "../../core/written.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, sameShape, simpleGrain } from "../how/elementwise.ts";
import { zeroGrad } from "./how/flat.ts";

export const roundParticle: Particle<{ input: 1 }, void> = {
  name: "round",
  summary: "The nearest whole number, the even one of two.",
  formula: "y = the whole number nearest to x",
  example: { inputs: { input: [-1.25, 0.75, 2.25] } },
  keeps: [],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.round, simpleGrain, input, output);
  },
  backward(_, into) {
    zeroGrad(into.input);
  },
  cost: costOf(1),
  definition: ({ input }) => Float64Array.from(input.data, roundedToEven),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `the whole number nearest to ${number(x)}`),
};

/**
 * The nearest whole number; of two that are equally near the even one, so that sums of rounded numbers have no drift.
 * Its derivative is 0, also where it jumps.
 */
export function round(input: Tensor): Tensor {
  return apply(roundParticle, { input }, undefined);
}

/** Part of the definition. */
function roundedToEven(x: number): number {
  const below = Math.floor(x);
  const rounded = x - below < 0.5 || (x - below === 0.5 && below % 2 === 0) ? below : below + 1;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : Number.isFinite(x) ? rounded : x;
}
