import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions, real } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";

export interface SoftshrinkAttributes {
  /** Where it begins: λ of the formula, at least 0. */
  readonly lambd: number;
}

export const softshrinkParticle: Particle<{ input: 1 }, SoftshrinkAttributes, "input"> = {
  name: "softshrink",
  summary: "Elements drawn towards zero, and zero where they are small.",
  formula: "y = x > λ ? x − λ : x < −λ ? x + λ : 0",
  example: { inputs: { input: [-2, 0.25, 0.75] }, attributes: { lambd: 0.5 } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }, { lambd }) {
    map(kernels.softshrink, simpleGrain, input, output, lambd);
  },
  backward({ input, grad }, into, { lambd }) {
    mapGrad(kernels.softshrinkGradInput, simpleGrain, input, grad, into.input, lambd);
  },
  cost: costOf(2),
  definition: ({ input }, { lambd }) =>
    Float64Array.from(input.data, (x) => (x > lambd ? x - lambd : x < -lambd ? x + lambd : Number.isNaN(x) ? x : 0)),
  arithmetic: ({ input }, { lambd }) =>
    Array.from(
      input.data,
      (x) =>
        `${number(x)} > ${number(lambd)} ? ${number(x)} − ${number(lambd)} : ${number(x)} < −${number(lambd)} ? ${number(x)} + ${number(lambd)} : 0`,
    ),
};

/** What `softshrink` takes. */
export const softshrinkOptions: OptionsOf<SoftshrinkAttributes> = { lambd: real(0.5, { least: 0 }) };

/**
 * x drawn towards 0 by `lambd` (0.5 by default), and 0 where that would cross it; the derivative is 1 and 0.
 *
 * @throws OptionError for a `lambd` below 0.
 */
export function softshrink(input: Tensor, options?: Partial<SoftshrinkAttributes>): Tensor {
  return apply(softshrinkParticle, { input }, readOptions("softshrink", options, softshrinkOptions));
}
