import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const log10Particle: Particle<{ input: 1 }, void, "input"> = {
  name: "log10",
  summary: "The logarithm of each element to base 10.",
  formula: "y = log₁₀ x",
  element: ({ x }) => term`log₁₀ ${x}`,
  example: { inputs: { input: [0.5, 1, 100] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.log10, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.log10GradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(22),
  definition: ({ input }) => Float64Array.from(input.data, Math.log10),
};

/** The logarithm of each element to base 10; −∞ at 0, NaN below. */
export function log10(input: Tensor): Tensor {
  return apply(log10Particle, { input }, undefined);
}
