import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions, real } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export interface ThresholdAttributes {
  readonly threshold: number;
  /** What stands where x is not more. */
  readonly value: number;
}

export const thresholdParticle: Particle<{ input: 1 }, ThresholdAttributes, "input"> = {
  name: "threshold",
  summary: "The element where it exceeds a threshold, a value elsewhere.",
  formula: "y = x > threshold ? x : value",
  element: ({ x, threshold, value }) => term`(${x} > ${threshold} ? ${x} : ${value})`,
  example: { inputs: { input: [-1, 0.5, 2] }, attributes: { threshold: 1, value: -0.5 } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }, { threshold, value }) {
    map(kernels.threshold, simpleGrain, input, output, threshold, value);
  },
  backward({ input, grad }, into, { threshold, value }) {
    mapGrad(kernels.thresholdGradInput, simpleGrain, input, grad, into.input, threshold, value);
  },
  cost: costOf(1),
  definition: ({ input }, { threshold, value }) => Float64Array.from(input.data, (x) => (x <= threshold ? value : x)),
};

/** x where it is more than `threshold`, `value` elsewhere; the derivative is 1 and 0. NaN stays. */
export function threshold(input: Tensor, threshold: number, value: number): Tensor {
  return apply(thresholdParticle, { input }, readOptions("threshold", { threshold, value }, numbers));
}

const numbers: OptionsOf<ThresholdAttributes> = { threshold: real(0), value: real(0) };
