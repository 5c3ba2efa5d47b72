import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number } from "../../core/written.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, sameShape, simpleGrain } from "../how/elementwise.ts";
import { zeroGrad } from "./how/flat.ts";

export const ceilParticle: Particle<{ input: 1 }, void> = {
  name: "ceil",
  summary: "The least whole number that is not less than the element.",
  formula: "y = ⌈x⌉",
  example: { inputs: { input: [-1.5, 0.5, 2.25] } },
  keeps: [],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.ceil, simpleGrain, input, output);
  },
  backward(_, into) {
    zeroGrad(into.input);
  },
  cost: costOf(1),
  definition: ({ input }) => Float64Array.from(input.data, Math.ceil),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `⌈${number(x)}⌉`),
};

/** The least whole number that is not less than the element. Its derivative is 0, also where it jumps. */
export function ceil(input: Tensor): Tensor {
  return apply(ceilParticle, { input }, undefined);
}
