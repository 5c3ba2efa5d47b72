import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number, written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";

export const siluParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "silu",
  summary: "Each element times its logistic function, also called swish.",
  formula: "y = x · σ(x), σ(x) = 1 / (1 + e⁻ˣ)",
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.silu, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.siluGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(38),
  definition: ({ input }) => Float64Array.from(input.data, (x) => x / (1 + Math.exp(-x))),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `${number(x)} / (1 + e^${written(0 - x)})`),
};

/** x·σ(x), element by element, also called swish. NaN at −∞, as in PyTorch. */
export function silu(input: Tensor): Tensor {
  return apply(siluParticle, { input }, undefined);
}
