import { apply, type Operand } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { broadcastShapes } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/module.ts";
import { broadcastCost, gradientBytes, gradientTo, zip, zipValues } from "../how/broadcast.ts";

export const mulParticle: Particle<{ a: 1; b: 1 }, void, "a" | "b"> = {
  name: "mul",
  summary: "Multiplies two tensors element by element.",
  formula: "y = a · b",
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
  shape: (at) => broadcastShapes("mul", at),
  workspace: (at) => gradientBytes("mul", at),
  forward({ a, b, output }) {
    zip(kernels.mul, a, b, output);
  },
  backward({ a, b, grad, workspace }, into) {
    if (into.a) gradientTo(grad.shape, into.a, workspace, (dx) => zip(kernels.mul, grad, b, dx));
    if (into.b) gradientTo(grad.shape, into.b, workspace, (dx) => zip(kernels.mul, grad, a, dx));
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
