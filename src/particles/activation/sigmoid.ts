import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";

export const sigmoidParticle: Particle<{ input: 1 }, void, "output"> = {
  name: "sigmoid",
  summary: "The logistic function of each element, which maps all numbers to those between 0 and 1.",
  formula: "y = σ(x) = 1 / (1 + e⁻ˣ)",
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["output"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.sigmoid, polynomialGrain, input, output);
  },
  backward({ output, grad }, into) {
    mapGrad(kernels.sigmoidGradInput, polynomialGrain, output, grad, into.input);
  },
  cost: costOf(36),
  definition: ({ input }) => Float64Array.from(input.data, (x) => 1 / (1 + Math.exp(-x))),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `1 / (1 + e^${written(0 - x)})`),
};

/** The logistic function 1 / (1 + e⁻ˣ), element by element. */
export function sigmoid(input: Tensor): Tensor {
  return apply(sigmoidParticle, { input }, undefined);
}
