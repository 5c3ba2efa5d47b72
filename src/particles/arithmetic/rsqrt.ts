import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const rsqrtParticle: Particle<{ input: 1 }, void, "output"> = {
  name: "rsqrt",
  summary: "One divided by the square root of each element.",
  formula: "y = 1 / √x",
  element: ({ x }) => term`1 / √${x}`,
  example: { inputs: { input: [0.25, 1, 9] } },
  keeps: ["output"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.rsqrt, simpleGrain, input, output);
  },
  backward({ output, grad }, into) {
    mapGrad(kernels.rsqrtGradInput, simpleGrain, output, grad, into.input);
  },
  cost: costOf(2),
  definition: ({ input }) => Float64Array.from(input.data, (x) => 1 / Math.sqrt(x)),
};

/** One divided by the square root of each element; +∞ at 0, NaN below. */
export function rsqrt(input: Tensor): Tensor {
  return apply(rsqrtParticle, { input }, undefined);
}
