import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const asinParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "asin",
  summary: "The angle between −π/2 and π/2 whose sine is the element.",
  formula: "y = asin x",
  element: ({ x }) => term`asin ${x}`,
  example: { inputs: { input: [-0.5, 0, 0.25] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.asin, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.asinGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(29),
  definition: ({ input }) => Float64Array.from(input.data, Math.asin),
};

/** The angle between −π/2 and π/2 whose sine is the element; NaN where there is none, outside of [−1, 1]. */
export function asin(input: Tensor): Tensor {
  return apply(asinParticle, { input }, undefined);
}
