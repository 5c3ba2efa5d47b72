import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number } from "../../core/written.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { errorFunction } from "../activation/how/normal.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";

export const erfParticle: Particle<{ input: 1 }, void, "input"> = {
  name: "erf",
  summary: "The error function of each element.",
  formula: "y = erf x = 2/√π · ∫₀ˣ e^(−t²) dt",
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.erf, polynomialGrain, input, output);
  },
  backward({ input, grad }, into) {
    mapGrad(kernels.erfGradInput, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(58),
  definition: ({ input }) => Float64Array.from(input.data, errorFunction),
  arithmetic: ({ input }) => Array.from(input.data, (x) => `2/√π · ∫ from 0 to ${number(x)} of e^(−t²) dt`),
};

/** The error function, element by element: 2/√π · ∫₀ˣ e^(−t²) dt, between −1 and 1. */
export function erf(input: Tensor): Tensor {
  return apply(erfParticle, { input }, undefined);
}
