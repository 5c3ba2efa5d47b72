import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const acosParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "acos",
  summary: "The angle between 0 and π whose cosine is the element.",
  formula: "y = acos x",
  element: ({ x }) => term`acos ${x}`,
  example: { inputs: { input: [-0.5, 0, 0.25] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.acos, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.acosGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(29),
  definition: ({ input }) => Float64Array.from(input.data, Math.acos),
};

/** The angle between 0 and π whose cosine is the element; NaN where there is none, outside of [−1, 1]. */
export function acos(input: Tensor): Tensor {
  return apply(acosParticle, { input }, undefined);
}
