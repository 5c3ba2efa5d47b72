import { apply } from "../../core/apply.ts";
import { type OptionsOf, oneOf, readOptions } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";
import { normalDistribution } from "./how/normal.ts";

export interface GeluAttributes {
  /** "tanh" replaces Φ(x) by ½·(1 + tanh(√(2/π)·(x + 0.044715·x³))). */
  readonly approximate: "none" | "tanh";
}

export const geluParticle: Particle<{ input: 1 }, GeluAttributes, "input"> = {
  name: "gelu",
  summary: "Each element times the probability that a normal random number is smaller.",
  formula: "y = x · Φ(x), Φ(x) = ½·(1 + erf(x/√2)) the distribution function of the normal distribution",
  example: { inputs: { input: [-1, 0, 2] }, attributes: { approximate: "none" } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }, { approximate }) {
    map(approximate === "tanh" ? kernels.tanhGelu : kernels.gelu, polynomialGrain, input, output);
  },
  backward({ input, grad }, into, { approximate }) {
    const kernel = approximate === "tanh" ? kernels.tanhGeluGradInput : kernels.geluGradInput;
    mapGrad(kernel, polynomialGrain, input, grad, into.input);
  },
  cost: costOf(64),
  definition({ input }, { approximate }) {
    const distribution = approximate === "tanh" ? approximateDistribution : normalDistribution;
    return Float64Array.from(input.data, (x) => x * distribution(x));
  },
  arithmetic: ({ input }, { approximate }) =>
    Array.from(input.data, (value) => {
      const x = written(value);
      const u = approximate === "tanh" ? `tanh(√(2/π)·(${x} + 0.044715·${x}³))` : `erf(${x}/√2)`;
      return `${x}·½·(1 + ${u})`;
    }),
};

export const geluOptions: OptionsOf<GeluAttributes> = { approximate: oneOf("none", "tanh") };

/**
 * x·Φ(x), where Φ is the distribution function of the normal distribution; `approximate: "tanh"` takes PyTorch's approximation.
 * NaN at −∞, as in PyTorch.
 */
export function gelu(input: Tensor, options?: Partial<GeluAttributes>): Tensor {
  return apply(geluParticle, { input }, readOptions("gelu", options, geluOptions));
}

/** Part of the definition. ½·(1 + tanh u) = 1 / (1 + e^(−2u)). */
function approximateDistribution(x: number): number {
  return 1 / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
}
