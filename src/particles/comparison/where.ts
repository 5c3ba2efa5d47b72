import { apply, type Operand } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { broadcastShapes, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import {
  type BroadcastPlan,
  broadcastPlan,
  choose,
  chooseGrad,
  gradientTo,
  gradientWorkspace,
  zipValues,
} from "../how/broadcast.ts";
import { term } from "../how/term.ts";

type Ports = { condition: 1; a: 1; b: 1 };

export const whereParticle: Particle<Ports, void, "condition", object, BroadcastPlan<Ports>> = {
  name: "where",
  summary: "Chooses between two tensors element by element.",
  formula: "y = c ≠ 0 ? a : b",
  symbols: { condition: "c" },
  element: ({ c, a, b }) => term`(${c} ≠ 0 ? ${a} : ${b})`,
  example: { inputs: { condition: [1, 0, 1], a: [1, 2, 3], b: [10, 20, 30] } },
  keeps: ["condition"],
  dtypes: { condition: "uint8" },
  plan: (at) => broadcastPlan("where", at),
  shape: (_, { output }) => output,
  workspace: (_, plan) => gradientWorkspace(plan),
  forward({ condition, a, b, output }) {
    choose(condition, a, b, output);
  },
  backward({ condition, grad, workspace }, into, { sums }) {
    if (into.a) gradientTo(grad.shape, into.a, sums.a, workspace, (dx) => chooseGrad(condition, grad, dx, 1));
    if (into.b) gradientTo(grad.shape, into.b, sums.b, workspace, (dx) => chooseGrad(condition, grad, dx, 0));
  },
  cost(at) {
    const size = sizeOf(broadcastShapes("where", at));
    return { flops: 0, bytes: sizeOf(at.condition) + 4 * (sizeOf(at.a) + sizeOf(at.b) + size) };
  },
  definition: ({ condition, a, b }) => zipValues({ condition, a, b }, (c, x, y) => (c ? x : y)),
};

/**
 * The element of `a` where `condition`, a uint8 mask as comparisons give it, is not 0, and the element of `b` elsewhere. Shapes
 * broadcast by NumPy's rule; a number stands for a scalar.
 *
 * @throws ShapeError where the shapes do not broadcast.
 */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return apply(whereParticle, { condition, a, b }, undefined);
}
