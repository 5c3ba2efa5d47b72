import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const expParticle: Particle<{ input: 1 }, void, "output"> = {
  name: "exp",
  summary: "e to the power of each element.",
  formula: "y = eˣ",
  element: ({ x }) => term`e^${x}`,
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["output"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.exp, polynomialGrain, input, output);
  },
  backward({ output, grad }, into) {
    mapGrad(kernels.expGradInput, polynomialGrain, output, grad, into.input);
  },
  cost: costOf(27),
  definition: ({ input }) => Float64Array.from(input.data, Math.exp),
};

/** e to the power of each element. */
export function exp(input: Tensor): Tensor {
  return apply(expParticle, { input }, undefined);
}
