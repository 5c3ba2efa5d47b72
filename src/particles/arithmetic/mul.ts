import { apply, type Operand } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import {
  type BroadcastPlan,
  broadcastCost,
  broadcastPlan,
  gradientTo,
  gradientWorkspace,
  zip,
  zipValues,
} from "../how/broadcast.ts";
import { term } from "../how/term.ts";

type Ports = { a: 1; b: 1 };

export const mulParticle: Particle<Ports, void, "a" | "b", object, BroadcastPlan<Ports>> = {
  name: "mul",
  summary: "Multiplies two tensors element by element.",
  formula: "y = a · b",
  element: ({ a, b }) => term`${a} · ${b}`,
  example: {
    inputs: {
      a: [
        [1, 2],
        [3, 4],
      ],
      b: [10, 20],
    },
  },
  keeps: ["a", "b"],
  plan: (at) => broadcastPlan("mul", at),
  shape: (_, { output }) => output,
  workspace: (_, plan) => gradientWorkspace(plan),
  forward({ a, b, output }) {
    zip(kernels.mul, a, b, output);
  },
  backward({ a, b, grad, workspace }, into, { sums }) {
    if (into.a) gradientTo(grad.shape, into.a, sums.a, workspace, (dx) => zip(kernels.mul, grad, b, dx));
    if (into.b) gradientTo(grad.shape, into.b, sums.b, workspace, (dx) => zip(kernels.mul, grad, a, dx));
  },
  cost: broadcastCost(1),
  definition: (at) => zipValues(at, (a, b) => a * b),
};

/**
 * The product, element by element. Shapes broadcast by NumPy's rule; a number stands for a scalar.
 *
 * @throws ShapeError where the shapes do not broadcast.
 */
export function mul(a: Operand, b: Operand): Tensor {
  return apply(mulParticle, { a, b }, undefined);
}
