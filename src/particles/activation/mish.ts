import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";

export const mishParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "mish",
  summary: "Each element times the hyperbolic tangent of its softplus.",
  formula: "y = x · tanh(ln(1 + eˣ))",
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.mish, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.mishGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(28),
  definition: ({ input }) => Float64Array.from(input.data, (x) => x * tanhOfSoftplus(x)),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `${written(x)}·tanh(ln(1 + e^${written(x)}))`),
};

/** x·tanh(ln(1 + eˣ)), element by element. NaN at −∞, as in PyTorch. */
export function mish(input: Tensor): Tensor {
  return apply(mishParticle, { input }, undefined);
}

/** Part of the definition: tanh(ln(1 + eˣ)), without eˣ overflowing. */
function tanhOfSoftplus(x: number): number {
  const power = Math.exp(Math.min(x, 40));
  const n = power * (power + 2);
  return n / (n + 2);
}
