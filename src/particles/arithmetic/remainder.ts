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
  sumTo,
  zip,
  zipGrad,
  zipValues,
} from "../how/broadcast.ts";
import { polynomialGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

type Ports = { input: 1; other: 1 };

export const remainderParticle: Particle<Ports, void, "input" | "other", object, BroadcastPlan<Ports>> = {
  name: "remainder",
  summary: "What is left of a division, with the sign of the divisor.",
  formula: "y = x − b·floor(x/b), b the divisor",
  symbols: { other: "b" },
  element: ({ x, b }) => term`${x} − ${b}·floor(${x}/${b})`,
  example: { inputs: { input: [5, -5, 7.5], other: [3, 3, -2] } },
  keeps: ["input", "other"],
  plan: (at) => broadcastPlan("remainder", at),
  shape: (_, { output }) => output,
  workspace: (_, plan) => gradientWorkspace(plan),
  forward({ input, other, output }) {
    zip(kernels.remainder, input, other, output, polynomialGrain);
  },
  backward({ input, other, grad, workspace }, into, { sums }) {
    if (into.input) sumTo(grad, into.input, sums.input, workspace);
    if (into.other) {
      gradientTo(grad.shape, into.other, sums.other, workspace, (dx) =>
        zipGrad(kernels.remainderGradB, input, other, grad, dx, polynomialGrain),
      );
    }
  },
  cost: broadcastCost(8),
  definition: (at) => zipValues(at, pythonRemainder),
};

/**
 * What is left of the division of `input` by `other`, with the sign of `other`, as Python's %. `fmod` takes the sign
 * of the dividend. Shapes broadcast by NumPy's rule; a number stands for a scalar.
 *
 * @throws ShapeError where the shapes do not broadcast.
 */
export function remainder(input: Operand, other: Operand): Tensor {
  return apply(remainderParticle, { input, other }, undefined);
}

/** Part of the definition. */
function pythonRemainder(x: number, b: number): number {
  const rest = x % b;
  return rest !== 0 && b < 0 !== rest < 0 ? rest + b : rest;
}
