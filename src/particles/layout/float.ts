import { apply } from "../../core/apply.ts";
import { bytesOf } from "../../core/dtype.ts";
import { type OptionsOf, readOptions, real } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/layout.ts";
import { map, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";
import { differentDtype } from "./how/castCheck.ts";

export interface FloatAttributes {
  /** What the numbers are divided by: 255 makes of bytes the numbers from 0 to 1. */
  readonly divisor: number;
}

export const floatParticle: Particle<{ input: 1 }, FloatAttributes> = {
  name: "float",
  summary: "The same numbers as float32, divided by a number if one is given.",
  formula: "y = x / divisor, as float32",
  element: ({ x, divisor }) => term`${x} / ${divisor}`,
  example: { inputs: { input: [0, 51, 255] }, attributes: { divisor: 255 }, dtypes: { input: "uint8" } },
  keeps: [],
  dtypes: "any",
  shape: sameShape,
  check: ({ input }) => differentDtype("float", input, "float32"),
  forward({ input, output }, { divisor }) {
    const kernel = input.dtype === "uint8" ? kernels.floatOfBytes : kernels.floatOfInts;
    map(kernel, simpleGrain, input, output, divisor);
  },
  cost: ({ input }) => ({ flops: sizeOf(input), bytes: (bytesOf.int32 + bytesOf.float32) * sizeOf(input) }),
  definition: ({ input }, { divisor }) => Float64Array.from(input.data, (x) => Math.fround(x) / Math.fround(divisor)),
};

export const floatOptions: OptionsOf<FloatAttributes> = { divisor: real(1) };

/**
 * The same numbers as float32, divided by `divisor` (1 by default): `float(images, { divisor: 255 })`. A float32 tensor is returned
 * itself where the divisor is 1, as in PyTorch. No gradient flows, for integers have none.
 *
 * @throws DtypeError for a float32 tensor and another divisor; use div.
 */
export function float(input: Tensor, options?: number | Partial<FloatAttributes>): Tensor {
  const { divisor } = readOptions("float", options, floatOptions);
  return input.dtype === "float32" && divisor === 1 ? input : apply(floatParticle, { input }, { divisor });
}
