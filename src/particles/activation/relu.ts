import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { parallel } from "../../engine/parallel.ts";
import { term } from "../how/term.ts";

/** Elements that one thread handles in about 20 µs. */
const grain = 65536;

export const reluParticle: Particle<{ input: 1 }, void, "output"> = {
  name: "relu",
  summary: "The element where it is positive, 0 elsewhere.",
  formula: "y = max(x, 0)",
  element: ({ x }) => term`max(${x}, 0)`,
  example: { inputs: { input: [-2, -0.5, 1, 3] } },
  keeps: ["output"], // y > 0 just where x > 0, so x need not survive
  lazy: ({ input }) => input.length >= 3, // maps, which a pool may follow
  shape: ({ input }) => input,
  forward({ input, output }) {
    parallel(kernels.relu, output.size, grain, input.ptr, output.ptr);
  },
  backward({ output, grad }, into) {
    if (into.input) parallel(kernels.reluGradInput, output.size, grain, output.ptr, grad.ptr, into.input.ptr);
  },
  cost: ({ input }) => ({ flops: sizeOf(input), bytes: 8 * sizeOf(input) }),
  definition: ({ input }) => Array.from(input.data, (x) => (x < 0 ? 0 : x)),
};

/** Rectified linear unit, `max(x, 0)` element by element. Its derivative at 0 is 0; NaN stays NaN. */
export function relu(input: Tensor): Tensor {
  return apply(reluParticle, { input }, undefined);
}
