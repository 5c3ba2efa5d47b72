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
  zipGrad,
  zipValues,
} from "../how/broadcast.ts";
import { term } from "../how/term.ts";

type Ports = { a: 1; b: 1 };

export const divParticle: Particle<Ports, void, "a" | "b", object, BroadcastPlan<Ports>> = {
  name: "div",
  summary: "Divides one tensor by another element by element.",
  formula: "y = a / b",
  element: ({ a, b }) => term`${a} / ${b}`,
  example: {
    inputs: {
      a: [
        [1, 2],
        [3, 4],
      ],
      b: [2, 4],
    },
  },
  keeps: ["a", "b"],
  plan: (at) => broadcastPlan("div", at),
  shape: (_, { output }) => output,
  workspace: (_, plan) => gradientWorkspace(plan),
  forward({ a, b, output }) {
    zip(kernels.div, a, b, output);
  },
  backward({ a, b, grad, workspace }, into, { sums }) {
    if (into.a) gradientTo(grad.shape, into.a, sums.a, workspace, (dx) => zip(kernels.div, grad, b, dx));
    if (into.b) gradientTo(grad.shape, into.b, sums.b, workspace, (dx) => zipGrad(kernels.divGradB, a, b, grad, dx));
  },
  cost: broadcastCost(1),
  definition: (at) => zipValues(at, (a, b) => a / b),
};

/**
 * The quotient, element by element: ±∞ for x / 0, NaN for 0 / 0. Shapes broadcast by NumPy's rule; a number stands for a scalar.
 *
 * @throws ShapeError where the shapes do not broadcast.
 */
export function div(a: Operand, b: Operand): Tensor {
  return apply(divParticle, { a, b }, undefined);
}
