import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const logParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "log",
  summary: "The natural logarithm of each element.",
  formula: "y = ln x",
  element: ({ x }) => term`ln ${x}`,
  example: { inputs: { input: [0.5, 1, 4] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.log, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.logGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(26),
  definition: ({ input }) => Float64Array.from(input.data, Math.log),
};

/** The natural logarithm, element by element: −∞ at 0, NaN below. */
export function log(input: Tensor): Tensor {
  return apply(logParticle, { input }, undefined);
}
