import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const hardsigmoidParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "hardsigmoid",
  summary: "A straight line in place of the logistic function.",
  formula: "y = min(max(x + 3, 0), 6) / 6",
  element: ({ x }) => term`min(max(${x} + 3, 0), 6) / 6`,
  example: { inputs: { input: [-4, 0.5, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.hardsigmoid, simpleGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.hardsigmoidGradInput, simpleGrain, input, grad, into.input);
  },
  cost: costOf(4),
  definition: ({ input }) => Float64Array.from(input.data, (x) => Math.min(Math.max(x + 3, 0), 6) / 6),
};

/** min(max(x + 3, 0), 6) / 6, element by element. The derivative at ±3 is 0. */
export function hardsigmoid(input: Tensor): Tensor {
  return apply(hardsigmoidParticle, { input }, undefined);
}
