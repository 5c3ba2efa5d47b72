import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions, real } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export interface ClampAttributes {
  /** −∞ where there is none. */
  readonly min: number;
  /** +∞ where there is none. */
  readonly max: number;
}

export const clampParticle: Particle<{ input: 1 }, ClampAttributes, "input"> = {
  name: "clamp",
  summary: "Keeps each element between two bounds.",
  formula: "y = min(max(x, min), max)",
  element: ({ min, max, x }) => term`min(max(${x}, ${min}), ${max})`,
  example: { inputs: { input: [-2, 0.5, 3] }, attributes: { min: 0, max: 1 } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }, { min, max }) {
    map(kernels.clamp, simpleGrain, input, output, min, max);
  },
  backward({ input, grad }, into, { min, max }) {
    mapGrad(kernels.clampGradInput, simpleGrain, input, grad, into.input, min, max);
  },
  cost: costOf(2),
  definition({ input }, attributes) {
    const low = Math.fround(attributes.min);
    const high = Math.fround(attributes.max);
    return Float64Array.from(input.data, (x) => {
      const raised = x < low ? low : x;
      return high < raised ? high : raised;
    });
  },
};

export const clampOptions: OptionsOf<ClampAttributes> = {
  min: real(Number.NEGATIVE_INFINITY),
  max: real(Number.POSITIVE_INFINITY),
};

/**
 * Each element, or `min` where it is less, or `max` where it is greater; NaN stays. Where `min` is greater than `max`, all become
 * `max`. The derivative is 1 between `min` and `max`, and 0 at them and outside.
 */
export function clamp(input: Tensor, bounds?: Partial<ClampAttributes>): Tensor;
export function clamp(input: Tensor, min: number | undefined, max?: number): Tensor;
export function clamp(input: Tensor, bounds?: number | Partial<ClampAttributes>, upper?: number): Tensor {
  const given = typeof bounds === "object" && upper === undefined ? bounds : { min: bounds, max: upper };
  return apply(clampParticle, { input }, readOptions("clamp", given, clampOptions));
}
