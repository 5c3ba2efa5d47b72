import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number, written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";

/** Chosen so that mean 0 and variance 1 are a fixed point. */
const scale = 1.0507009873554805;
const alpha = 1.6732632423543772;

export const seluParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "selu",
  summary: "An elu whose two constants keep the deviation of activations at 1 from layer to layer.",
  formula: "y = λ·(x > 0 ? x : α·(eˣ − 1)), λ = 1.0507010, α = 1.6732632",
  example: { inputs: { input: [-1, 0.5, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.scaledElu, polynomialGrain, input, output, scale, alpha, 1);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.scaledEluGradInput, polynomialGrain, input, grad, into.input, scale, alpha, 1);
  },
  cost: costOf(31),
  definition: ({ input }) => Float64Array.from(input.data, (x) => scale * (x < 0 ? alpha * Math.expm1(x) : x)),
  arithmetic: ({ input }) =>
    Array.from(input.data, (x) => (x > 0 ? `1.0507·${number(x)}` : `1.0507·1.67326·(e^${written(x)} − 1)`)),
};

/**
 * λ·x where x is positive, λ·α·(eˣ − 1) elsewhere, with λ = 1.0507009873554805 and α = 1.6732632423543772 (Klambauer
 * and others, 2017).
 */
export function selu(input: Tensor): Tensor {
  return apply(seluParticle, { input }, undefined);
}
