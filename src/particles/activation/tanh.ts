import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { costOf, map, mapGrad, polynomialGrain, sameShape } from "../how/elementwise.ts";

export const tanhParticle: Particle<{ input: 1 }, void, "output"> = {
  name: "tanh",
  summary: "The hyperbolic tangent of each element.",
  formula: "y = tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
  example: { inputs: { input: [-1, 0, 2] } },
  keeps: ["output"],
  shape: sameShape,
  forward({ input, output }) {
    map(kernels.tanh, polynomialGrain, input, output);
  },
  backward({ output, grad }, into) {
    mapGrad(kernels.tanhGradInput, polynomialGrain, output, grad, into.input);
  },
  cost: costOf(44),
  definition: ({ input }) => Float64Array.from(input.data, Math.tanh),
  arithmetic: ({ input }) =>
    Array.from(input.data, (x) => {
      const [up, down] = [`e^${written(x)}`, `e^${written(0 - x)}`];
      return `(${up} − ${down}) / (${up} + ${down})`;
    }),
};

/** The hyperbolic tangent, element by element. */
export function tanh(input: Tensor): Tensor {
  return apply(tanhParticle, { input }, undefined);
}
