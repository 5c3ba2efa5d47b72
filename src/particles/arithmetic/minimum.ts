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

export const minimumParticle: Particle<Ports, void, "a" | "b", object, BroadcastPlan<Ports>> = {
  name: "minimum",
  summary: "The smaller of two numbers, element by element.",
  formula: "y = min(a, b)",
  element: ({ a, b }) => term`min(${a}, ${b})`,
  example: { inputs: { a: [1, 5, -2], b: [3, 2, -4] } },
  keeps: ["a", "b"],
  plan: (at) => broadcastPlan("minimum", at),
  shape: (_, { output }) => output,
  workspace: (_, plan) => gradientWorkspace(plan),
  forward({ a, b, output }) {
    zip(kernels.minimum, a, b, output);
  },
  backward({ a, b, grad, workspace }, into, { sums }) {
    if (into.a) gradientTo(grad.shape, into.a, sums.a, workspace, (dx) => zipGrad(kernels.minimumGrad, a, b, grad, dx));
    if (into.b) gradientTo(grad.shape, into.b, sums.b, workspace, (dx) => zipGrad(kernels.minimumGrad, b, a, grad, dx));
  },
  cost: broadcastCost(1),
  definition: (at) => zipValues(at, (a, b) => Math.min(a, b)),
};

/**
 * The smaller of two numbers, element by element; NaN where one of them is NaN, and −0 is smaller than +0. Where both are equal each gets
 * half of the gradient, as in PyTorch. Shapes broadcast by NumPy's rule; a number stands for a scalar.
 *
 * @throws ShapeError where the shapes do not broadcast.
 */
export function minimum(a: Operand, b: Operand): Tensor {
  return apply(minimumParticle, { a, b }, undefined);
}
