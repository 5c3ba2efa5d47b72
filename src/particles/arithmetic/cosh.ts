import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";

export const coshParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "cosh",
  summary: "The hyperbolic cosine of each element.",
  formula: "y = (eˣ + e⁻ˣ) / 2",
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.cosh, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.coshGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(26),
  definition: ({ input }) => Float64Array.from(input.data, Math.cosh),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `(e^${written(x)} + e^${written(0 - x)}) / 2`),
};

/** The hyperbolic cosine of each element, (eˣ + e⁻ˣ) / 2. */
export function cosh(input: Tensor): Tensor {
  return apply(coshParticle, { input }, undefined);
}
