import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const log1pParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "log1p",
  summary: "The natural logarithm of one plus each element, with all its digits near 0.",
  formula: "y = ln(1 + x)",
  element: ({ x }) => term`ln(1 + ${x})`,
  example: { inputs: { input: [-0.5, 0, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.log1p, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.log1pGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(22),
  definition: ({ input }) => Float64Array.from(input.data, Math.log1p),
};

/** ln(1 + x), element by element, with all its digits near 0, where 1 + x would lose them; −∞ at −1, NaN below. */
export function log1p(input: Tensor): Tensor {
  return apply(log1pParticle, { input }, undefined);
}
