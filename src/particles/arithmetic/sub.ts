import { apply, type Operand } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { broadcastShapes } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/module.ts";
import { broadcastCost, sumBytes, sumTo, zip, zipValues } from "../how/broadcast.ts";
import { map, simpleGrain } from "../how/elementwise.ts";

export const subParticle: Particle<{ a: 1; b: 1 }> = {
  name: "sub",
  summary: "Subtracts one tensor from another element by element.",
  formula: "y = a − b",
  example: {
    inputs: {
      a: [
        [1, 2],
        [3, 4],
      ],
      b: [10, 20],
    },
  },
  keeps: [],
  shape: (at) => broadcastShapes("sub", at),
  workspace: (at) => sumBytes("sub", at),
  forward({ a, b, output }) {
    zip(kernels.sub, a, b, output);
  },
  backward({ grad, workspace }, into) {
    if (into.a) sumTo(grad, into.a, workspace);
    if (!into.b) return;
    sumTo(grad, into.b, workspace);
    map(kernels.neg, simpleGrain, into.b, into.b);
  },
  cost: broadcastCost(1),
  definition: (at) => zipValues(at, (a, b) => a - b),
};

/**
 * The difference, element by element. Shapes broadcast by NumPy's rule; a number stands for a scalar.
 *
 * @throws ShapeError where the shapes do not broadcast.
 */
export function sub(a: Operand, b: Operand): Tensor {
  return apply(subParticle, { a, b }, undefined);
}
