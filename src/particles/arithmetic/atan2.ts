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
import { polynomialGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

type Ports = { input: 1; other: 1 };

export const atan2Particle: Particle<Ports, void, "input" | "other", object, BroadcastPlan<Ports>> = {
  name: "atan2",
  summary: "The angle of a point, counted from the first axis.",
  formula: "y = the angle of the point (b, x), b the second operand",
  symbols: { other: "b" },
  element: ({ x, b }) => term`the angle of the point (${b}, ${x})`,
  example: { inputs: { input: [1, 1, -1], other: [1, -1, 0] } },
  keeps: ["input", "other"],
  plan: (at) => broadcastPlan("atan2", at),
  shape: (_, { output }) => output,
  workspace: (_, plan) => gradientWorkspace(plan),
  forward({ input, other, output }) {
    zip(kernels.atan2, input, other, output, polynomialGrain);
  },
  backward({ input, other, grad, workspace }, into, { sums }) {
    for (const port of ["input", "other"] as const) {
      const kernel = port === "input" ? kernels.atan2GradY : kernels.atan2GradX;
      const target = into[port];
      if (!target) continue;
      gradientTo(grad.shape, target, sums[port], workspace, (dx) =>
        zipGrad(kernel, input, other, grad, dx, polynomialGrain),
      );
    }
  },
  cost: broadcastCost(25),
  definition: (at) => zipValues(at, Math.atan2),
};

/**
 * The angle of the point (`other`, `input`), from −π to π: like atan(input / other), in the right quadrant. Shapes
 * broadcast by NumPy's rule; a number stands for a scalar.
 *
 * @throws ShapeError where the shapes do not broadcast.
 */
export function atan2(input: Operand, other: Operand): Tensor {
  return apply(atan2Particle, { input, other }, undefined);
}
