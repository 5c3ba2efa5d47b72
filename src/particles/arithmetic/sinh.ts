import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";

export const sinhParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "sinh",
  summary: "The hyperbolic sine of each element.",
  formula: "y = (eˣ − e⁻ˣ) / 2",
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.sinh, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.sinhGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(27),
  definition: ({ input }) => Float64Array.from(input.data, Math.sinh),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `(e^${written(x)} − e^${written(0 - x)}) / 2`),
};

/** The hyperbolic sine of each element, (eˣ − e⁻ˣ) / 2. */
export function sinh(input: Tensor): Tensor {
  return apply(sinhParticle, { input }, undefined);
}
