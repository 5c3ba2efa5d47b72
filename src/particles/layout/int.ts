import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/layout.ts";
import { map, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";
import { differentDtype } from "./how/castCheck.ts";

export const intParticle: Particle<{ input: 1 }> = {
  name: "int",
  summary: "The same numbers as int32.",
  formula: "y = x without its fraction, as int32",
  element: ({ x }) => term`${x} without its fraction`,
  example: { inputs: { input: [-2.7, -0.5, 0, 3.9] } },
  keeps: [],
  dtypes: "any",
  outputDtype: "int32",
  shape: sameShape,
  check: ({ input }) => differentDtype("int", input, "int32"),
  forward({ input, output }) {
    map(input.dtype === "uint8" ? kernels.intOfBytes : kernels.intOfFloats, simpleGrain, input, output);
  },
  cost: ({ input }) => ({ flops: sizeOf(input), bytes: 8 * sizeOf(input) }),
  definition: ({ input }) => Float64Array.from(input.data, saturated),
};

/** Part of the definition: the integer towards 0, within int32. */
function saturated(x: number): number {
  return Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), -(2 ** 31)), 2 ** 31 - 1) + 0; // no −0
}

/**
 * The same numbers as int32: fractions are cut off, what lies beyond int32 becomes its nearest number, NaN becomes 0. An int32 tensor is
 * returned itself, as in PyTorch. No gradient flows.
 */
export function int(input: Tensor): Tensor {
  return input.dtype === "int32" ? input : apply(intParticle, { input }, undefined);
}
