import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const softsignParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "softsign",
  summary: "Each element divided by one more than its magnitude.",
  formula: "y = x / (1 + |x|)",
  element: ({ x }) => term`${x} / (1 + |${x}|)`,
  example: { inputs: { input: [-1, 0.5, 3] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.softsign, simpleGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.softsignGradInput, simpleGrain, input, grad, into.input);
  },
  cost: costOf(3),
  definition: ({ input }) => Float64Array.from(input.data, (x) => x / (1 + Math.abs(x))),
};

/** x / (1 + |x|), element by element, between −1 and 1. NaN at ±∞, as in PyTorch. */
export function softsign(input: Tensor): Tensor {
  return apply(softsignParticle, { input }, undefined);
}
