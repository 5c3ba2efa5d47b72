import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";

export const logSigmoidParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "logSigmoid",
  summary: "The logarithm of the logistic function, without computing what might vanish.",
  formula: "y = ln(1 / (1 + e⁻ˣ))",
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.logSigmoid, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.logSigmoidGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(46),
  definition: ({ input }) => Float64Array.from(input.data, (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `ln(1 / (1 + e^${written(0 - x)}))`),
};

/** ln σ(x) = −ln(1 + e⁻ˣ), element by element, without computing a σ(x) that might vanish. */
export function logSigmoid(input: Tensor): Tensor {
  return apply(logSigmoidParticle, { input }, undefined);
}
