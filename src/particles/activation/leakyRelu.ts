import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions, real } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";

export interface LeakyReluAttributes {
  /** The slope for x < 0. */
  readonly negativeSlope: number;
}

export const leakyReluParticle: Particle<{ input: 1 }, LeakyReluAttributes, "input"> = {
  name: "leakyRelu",
  summary: "The element where it is positive, a fraction of it elsewhere.",
  formula: "y = x > 0 ? x : slope · x",
  symbols: { negativeSlope: "slope" },
  element: ({ x, slope }) => term`(${x} > 0 ? ${x} : ${slope} · ${x})`,
  example: { inputs: { input: [-2, -0.5, 1, 3] }, attributes: { negativeSlope: 0.25 } },
  keeps: ["input"],
  shape: sameShape,
  forward({ input, output }, { negativeSlope }) {
    map(kernels.leakyRelu, simpleGrain, input, output, negativeSlope);
  },
  backward({ input, grad }, into, { negativeSlope }) {
    mapGrad(kernels.leakyReluGradInput, simpleGrain, input, grad, into.input, negativeSlope);
  },
  cost: costOf(1),
  definition: ({ input }, { negativeSlope }) => Float64Array.from(input.data, (x) => (x > 0 ? x : negativeSlope * x)),
};

export const leakyReluOptions: OptionsOf<LeakyReluAttributes> = { negativeSlope: real(0.01) };

/** x where it is positive, `negativeSlope`·x elsewhere (0.01 by default). The derivative at 0 is `negativeSlope`. */
export function leakyRelu(input: Tensor, options?: number | Partial<LeakyReluAttributes>): Tensor {
  return apply(leakyReluParticle, { input }, readOptions("leakyRelu", options, leakyReluOptions));
}
