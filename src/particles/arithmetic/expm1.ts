import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const expm1Particle: Particle<{ input: 1 }, void, "output"> = {
  name: "expm1",
  summary: "e to the power of each element, less one, with all its digits near 0.",
  formula: "y = eˣ − 1",
  element: ({ x }) => term`e^${x} − 1`,
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["output"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.expm1, polynomialGrain, input, output);
  },
  backward({ output, grad }, into) {
    mapGrad(kernels.expm1GradInput, polynomialGrain, output, grad, into.input);
  },
  cost: costOf(22),
  definition: ({ input }) => Float64Array.from(input.data, Math.expm1),
};

/** eˣ − 1, element by element, with all its digits near 0, where eˣ − 1 would lose them. */
export function expm1(input: Tensor): Tensor {
  return apply(expm1Particle, { input }, undefined);
}
