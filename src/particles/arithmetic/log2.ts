import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const log2Particle: Particle<{ input: 1 }, void, "input"> = {
  name: "log2",
  summary: "The logarithm of each element to base 2.",
  formula: "y = log₂ x",
  element: ({ x }) => term`log₂ ${x}`,
  example: { inputs: { input: [0.5, 1, 8] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.log2, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.log2GradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(21),
  definition: ({ input }) => Float64Array.from(input.data, Math.log2),
};

/** The logarithm of each element to base 2: exact for powers of 2; −∞ at 0, NaN below. */
export function log2(input: Tensor): Tensor {
  return apply(log2Particle, { input }, undefined);
}
