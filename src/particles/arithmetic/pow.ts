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

type Ports = { input: 1; exponent: 1 };

export const powParticle: Particle<Ports, void, "input" | "exponent", object, BroadcastPlan<Ports>> = {
  name: "pow",
  summary: "Raises one tensor to the power of another element by element.",
  formula: "y = x^e",
  symbols: { exponent: "e" },
  element: ({ x, e }) => term`${x}^${e}`,
  example: { inputs: { input: [2, 3, 4], exponent: [3, 2, 0.5] } },
  keeps: ["input", "exponent"],
  plan: (at) => broadcastPlan("pow", at),
  shape: (_, { output }) => output,
  workspace: (_, plan) => gradientWorkspace(plan),
  forward({ input, exponent, output }) {
    zip(kernels.pow, input, exponent, output, polynomialGrain);
  },
  backward({ input, exponent, grad, workspace }, into, { sums }) {
    for (const port of ["input", "exponent"] as const) {
      const kernel = port === "input" ? kernels.powGradInput : kernels.powGradExponent;
      const target = into[port];
      if (!target) continue;
      gradientTo(grad.shape, target, sums[port], workspace, (dx) =>
        zipGrad(kernel, input, exponent, grad, dx, polynomialGrain),
      );
    }
  },
  cost: broadcastCost(40),
  definition: (at) => zipValues(at, (x, e) => power(x, e)),
};

/** Part of the definition: C's pow. JavaScript's differs from it at 1^NaN and (±1)^±∞, which are 1 there. */
function power(x: number, e: number): number {
  if (x === 1 || (x === -1 && (e === Number.POSITIVE_INFINITY || e === Number.NEGATIVE_INFINITY))) return 1;
  return e === 0.5 ? Math.sqrt(x) : x ** e;
}

/**
 * `input` to the power of `exponent`, element by element: 1 for any x⁰, NaN for a negative number to a power that is no integer. The
 * exponents 2, 3, ½ and −1 give x·x, x·x·x, √x and 1/x. Shapes broadcast by NumPy's rule; a number stands for a scalar.
 *
 * @throws ShapeError where the shapes do not broadcast.
 */
export function pow(input: Operand, exponent: Operand): Tensor {
  return apply(powParticle, { input, exponent }, undefined);
}
