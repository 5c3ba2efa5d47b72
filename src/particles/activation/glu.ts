import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { type GateAttributes, type GatePlan, gate, gateGrad, gatePlan, gateValues } from "./how/gates.ts";

export const gluParticle: Particle<{ input: 1 }, GateAttributes, "input", object, GatePlan> = {
  name: "glu",
  summary: "One half of an axis, gated by the logistic function of the other.",
  formula: "y = a · σ(b), a and b the halves of x along an axis",
  example: { inputs: { input: [2, -1, 0, 3] }, attributes: { axis: 0 } },
  keeps: ["input"],
  plan: ({ input }, { axis }) => gatePlan("glu", input, axis),
  shape: (_, { output }) => output,
  forward({ input, output }, plan) {
    gate(kernels.glu, input, output, plan);
  },
  backward({ input, grad }, into, plan) {
    if (into.input) gateGrad(kernels.gluGradInput, input, grad, into.input, plan);
  },
  cost: ({ input }) => ({ flops: 20 * sizeOf(input), bytes: 6 * sizeOf(input) }),
  definition: ({ input }, { axis }) => gateValues("glu", input, axis, (a, b) => a / (1 + Math.exp(-b))),
  arithmetic: ({ input }, { axis }) =>
    gateValues("glu", input, axis, (a, b) => `${written(a)} / (1 + e^${written(0 - b)})`),
};

/**
 * a·σ(b), where a and b are the halves of `input` along `axis`, the last by default: a gated linear unit.
 *
 * @throws ShapeError where the axis has an odd number of places.
 */
export function glu(input: Tensor, axis = -1): Tensor {
  return apply(gluParticle, { input }, { axis });
}
