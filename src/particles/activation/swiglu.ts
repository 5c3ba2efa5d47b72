import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { type GateAttributes, type GatePlan, gate, gateGrad, gatePlan, gateValues } from "./how/gates.ts";

export const swigluParticle: Particle<{ input: 1 }, GateAttributes, "input", object, GatePlan> = {
  name: "swiglu",
  summary: "One half of an axis times the silu of the other.",
  formula: "y = a · σ(a) · b, a and b the halves of x along an axis",
  example: { inputs: { input: [2, -1, 0, 3] }, attributes: { axis: 0 } },
  keeps: ["input"],
  plan: ({ input }, { axis }) => gatePlan("swiglu", input, axis),
  shape: (_, { output }) => output,
  forward({ input, output }, plan) {
    gate(kernels.swiglu, input, output, plan);
  },
  backward({ input, grad }, into, plan) {
    if (into.input) gateGrad(kernels.swigluGradInput, input, grad, into.input, plan);
  },
  cost: ({ input }) => ({ flops: 20 * sizeOf(input), bytes: 6 * sizeOf(input) }),
  definition: ({ input }, { axis }) => gateValues("swiglu", input, axis, (a, b) => (a / (1 + Math.exp(-a))) * b),
  arithmetic: ({ input }, { axis }) =>
    gateValues("swiglu", input, axis, (a, b) => `${written(a)} / (1 + e^${written(0 - a)})·${written(b)}`),
};

/**
 * a·σ(a)·b, where a and b are the halves of `input` along `axis`, the last by default: the gate of recent
 * transformers (Shazeer, 2020).
 *
 * @throws ShapeError where the axis has an odd number of places.
 */
export function swiglu(input: Tensor, axis = -1): Tensor {
  return apply(swigluParticle, { input }, { axis });
}
