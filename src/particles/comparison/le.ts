import { apply, type Operand } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { broadcastShapes } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/comparison.ts";
import { broadcastCost, compare, zipValues } from "../how/broadcast.ts";
import { term } from "../how/term.ts";

export const leParticle: Particle<{ a: 1; b: 1 }> = {
  name: "le",
  summary: "Tells where one tensor is less than or equal to another.",
  formula: "y = a ≤ b ? 1 : 0",
  element: ({ a, b }) => term`(${a} ≤ ${b} ? 1 : 0)`,
  example: { inputs: { a: [1, 2, 3], b: [2, 2, 2] } },
  keeps: [],
  dtypes: "any",
  outputDtype: "uint8",
  shape: (at) => broadcastShapes("le", at),
  forward({ a, b, output }) {
    compare(kernels.le, a, b, output);
  },
  cost: broadcastCost(1),
  definition: (at) => zipValues(at, (a, b) => (a <= b ? 1 : 0)),
};

/**
 * A uint8 mask, 1 where `a` is at most `b`. False where one is NaN. Any dtypes compare: as float32 if one of them is float32, else as
 * integers. Shapes broadcast by NumPy's rule; a number stands for a float32 scalar. No gradient flows.
 *
 * @throws ShapeError where the shapes do not broadcast.
 */
export function le(a: Operand, b: Operand): Tensor {
  return apply(leParticle, { a, b }, undefined);
}
