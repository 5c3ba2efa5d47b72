import fc from "fast-check";
import type { DType } from "../../src/core/dtype.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import { broadcastable } from "./shapes.ts";
import { randomIn } from "./values.ts";

const dtypes: readonly DType[] = ["float32", "int32", "uint8"];

/** A few numbers, so that many are equal. */
function few(shape: Shape, dtype: DType, random: () => number) {
  const low = dtype === "uint8" ? 0 : -2;
  return { shape, dtype, data: Float64Array.from({ length: sizeOf(shape) }, () => low + Math.floor(random() * 4)) };
}

/** Operands of every pair of dtypes. */
export const comparisonSamples = fc
  .tuple(broadcastable(2), fc.constantFrom(...dtypes), fc.constantFrom(...dtypes), fc.integer(), fc.boolean())
  .map(([[a, b], aType, bType, seed, plain]) => {
    const random = randomIn(seed);
    if (plain) return { inputs: { a: a!, b: b! } };
    return { inputs: { a: few(a!, aType, random), b: few(b!, bType, random) } };
  });
