import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/layout.ts";
import { map, sameShape, simpleGrain } from "../how/elementwise.ts";
import { term } from "../how/term.ts";
import { differentDtype } from "./how/castCheck.ts";

export const byteParticle: Particle<{ input: 1 }> = {
  name: "byte",
  summary: "The same numbers as uint8.",
  formula: "y = x without its fraction mod 256, as uint8",
  element: ({ x }) => term`${x} without its fraction mod 256`,
  example: { inputs: { input: [-1, 2.7, 255, 300] } },
  keeps: [],
  dtypes: "any",
  outputDtype: "uint8",
  shape: sameShape,
  check: ({ input }) => differentDtype("byte", input, "uint8"),
  forward({ input, output }) {
    map(input.dtype === "int32" ? kernels.byteOfInts : kernels.byteOfFloats, simpleGrain, input, output);
  },
  cost: ({ input }) => ({ flops: sizeOf(input), bytes: 5 * sizeOf(input) }),
  definition: ({ input }) => Float64Array.from(input.data, (x) => saturated(x) & 255),
};

/** Part of the definition: the integer towards 0, within int32. */
function saturated(x: number): number {
  return Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), -(2 ** 31)), 2 ** 31 - 1);
}

/**
 * The same numbers as uint8: fractions are cut off, of the integer the lowest eight bits stay, so that 256 becomes 0 and −1 becomes 255. A
 * uint8 tensor is returned itself, as in PyTorch. No gradient flows.
 */
export function byte(input: Tensor): Tensor {
  return input.dtype === "uint8" ? input : apply(byteParticle, { input }, undefined);
}
