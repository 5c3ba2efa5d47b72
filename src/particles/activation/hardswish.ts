import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const hardswishParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "hardswish",
  summary: "Each element times a straight line in place of its logistic function.",
  formula: "y = x · min(max(x + 3, 0), 6) / 6",
  element: ({ x }) => term`${x} · min(max(${x} + 3, 0), 6) / 6`,
  example: { inputs: { input: [-4, 0.5, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.hardswish, simpleGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.hardswishGradInput, simpleGrain, input, grad, into.input);
  },
  cost: costOf(5),
  definition: ({ input }) => Float64Array.from(input.data, (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6),
};

/** x·min(max(x + 3, 0), 6) / 6, element by element. The derivative is 0 at −3 and 1 at 3. NaN at −∞, as in PyTorch. */
export function hardswish(input: Tensor): Tensor {
  return apply(hardswishParticle, { input }, undefined);
}
