import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions, real } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";

export interface HardshrinkAttributes {
  /** Where it begins: λ of the formula, at least 0. */
  readonly lambd: number;
}

export const hardshrinkParticle: Particle<{ input: 1 }, HardshrinkAttributes, "input"> = {
  name: "hardshrink",
  summary: "Zero for small elements, which makes a tensor sparse.",
  formula: "y = |x| > λ ? x : 0",
  example: { inputs: { input: [-2, 0.25, 0.75] }, attributes: { lambd: 0.5 } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }, { lambd }) {
    map(kernels.hardshrink, simpleGrain, input, output, lambd);
  },
  backward({ input, grad }, into, { lambd }) {
    mapGrad(kernels.hardshrinkGradInput, simpleGrain, input, grad, into.input, lambd);
  },
  cost: costOf(2),
  definition: ({ input }, { lambd }) => Float64Array.from(input.data, (x) => (Math.abs(x) <= lambd ? 0 : x)),
  arithmetic: ({ input }, { lambd }) =>
    Array.from(input.data, (x) => `|${number(x)}| > ${number(lambd)} ? ${number(x)} : 0`),
};

/** What `hardshrink` takes. */
export const hardshrinkOptions: OptionsOf<HardshrinkAttributes> = { lambd: real(0.5, { least: 0 }) };

/**
 * x where its magnitude is more than `lambd` (0.5 by default), 0 elsewhere; the derivative is 1 and 0.
 *
 * @throws OptionError for a `lambd` below 0.
 */
export function hardshrink(input: Tensor, options?: Partial<HardshrinkAttributes>): Tensor {
  return apply(hardshrinkParticle, { input }, readOptions("hardshrink", options, hardshrinkOptions));
}
