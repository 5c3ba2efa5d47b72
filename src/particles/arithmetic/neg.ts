import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import { costOf, map, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export const negParticle: Particle<{ input: 1 }> = {
  name: "neg",
  summary: "Changes the sign of each element.",
  formula: "y = −x",
  element: ({ x }) => term`−${x}`,
  example: { inputs: { input: [-2, -0.5, 1, 3] } },
  keeps: [],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.neg, simpleGrain, input, output);
  },
  backward({ grad }, into) {
    if (into.input) map(kernels.neg, simpleGrain, grad, into.input);
  },
  cost: costOf(1),
  definition: ({ input }) => Float64Array.from(input.data, (x) => -x),
};

/** The number with the other sign, element by element. */
export function neg(input: Tensor): Tensor {
  return apply(negParticle, { input }, undefined);
}
