import { apply, type Operand } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/arithmetic.ts";
import {
  type BroadcastPlan,
  broadcastCost,
  broadcastPlan,
  sumTo,
  sumWorkspace,
  zip,
  zipValues,
} from "../how/broadcast.ts";
import { map, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

type Ports = { a: 1; b: 1 };

export const subParticle: Particle<Ports, void, never, object, BroadcastPlan<Ports>> = {
  name: "sub",
  summary: "Subtracts one tensor from another element by element.",
  formula: "y = a − b",
  element: ({ a, b }) => term`${a} − ${b}`,
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
  plan: (at) => broadcastPlan("sub", at),
  shape: (_, { output }) => output,
  workspace: (_, plan) => sumWorkspace(plan),
  forward({ a, b, output }) {
    zip(kernels.sub, a, b, output);
  },
  backward({ grad, workspace }, into, { sums }) {
    if (into.a) sumTo(grad, into.a, sums.a, workspace);
    if (!into.b) return;
    sumTo(grad, into.b, sums.b, workspace);
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
