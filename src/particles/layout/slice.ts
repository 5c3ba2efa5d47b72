import { apply } from "../../core/apply.ts";
import { bytesOf } from "../../core/dtype.ts";
import type { Particle } from "../../core/particle.ts";
import { type Shape, show, sizeOf, stridesOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ShapeError } from "../../errors.ts";
import { coordinatesOf, positionOf } from "../how/coordinates.ts";
import { clear, stridedCopy } from "./how/stridedCopy.ts";

/**
 * `[start, end, step]` of one axis, NumPy's `start:end:step`: `end` is not included, negative places count from the end, what is null
 * or missing reaches as far as the axis does, and places beyond are cut back to it. A negative step walks backwards. `null` takes all.
 */
export type Range = readonly [start?: number | null, end?: number | null, step?: number] | null;

export interface SliceAttributes {
  /** One entry an axis from the first on; axes without one are taken whole. */
  readonly ranges: readonly Range[];
}

interface Span {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/** Where the sliced box lies within the whole tensor, in elements. */
interface SlicePlan {
  readonly shape: Shape;
  readonly first: number;
  readonly strides: readonly number[];
}

export const sliceParticle: Particle<{ input: 1 }, SliceAttributes, never, object, SlicePlan> = {
  name: "slice",
  summary: "Takes a range of places from each axis.",
  formula: "y[i₀, i₁, …] = x[start₀ + i₀·step₀, start₁ + i₁·step₁, …]",
  example: { inputs: { input: [1, 2, 3, 4, 5] }, attributes: { ranges: [[4, null, -2]] } },
  keeps: [],
  dtypes: { input: "any" },
  outputDtype: "input",
  plan({ input }, { ranges }) {
    const spans = spansOf(input, ranges);
    const strides = stridesOf(input);
    return {
      shape: spans.map(({ length }) => length),
      first: spans.reduce((first, { start }, axis) => first + start * strides[axis]!, 0),
      strides: spans.map(({ step }, axis) => step * strides[axis]!),
    };
  },
  shape: (_, { shape }) => shape,
  forward({ input, output }, { first, strides }) {
    const to = { ptr: output.ptr, strides: stridesOf(output.shape) };
    const from = { ptr: input.ptr + first * bytesOf[input.dtype], strides };
    stridedCopy(input.dtype, output.shape, from, to);
  },
  backward({ grad }, { input }, { first, strides }) {
    if (!input) return;
    clear(input);
    const from = { ptr: grad.ptr, strides: stridesOf(grad.shape) };
    stridedCopy("float32", grad.shape, from, { ptr: input.ptr + first * 4, strides });
  },
  cost: (_, { shape }) => ({ flops: 0, bytes: 8 * sizeOf(shape) }),
  definition({ input }, { ranges }) {
    const spans = spansOf(input.shape, ranges);
    const shape = spans.map((span) => span.length);
    return Float64Array.from({ length: sizeOf(shape) }, (_, at) => {
      const source = coordinatesOf(at, shape).map((index, axis) => spans[axis]!.start + index * spans[axis]!.step);
      return input.data[positionOf(source, input.shape)]!;
    });
  },
};

/**
 * A part of a tensor, NumPy's `x[1:3, ::-1]` written `slice(x, [[1, 3], [null, null, -1]])`: for each axis `[start, end, step]`, or
 * `null` for all of it. The result is a dense copy with as many axes as the input; `select` drops one.
 *
 * @throws ShapeError for more ranges than axes, for a step of 0, and for places that are not whole numbers.
 */
export function slice(input: Tensor, ranges: readonly Range[]): Tensor {
  return apply(sliceParticle, { input }, { ranges });
}

function spansOf(input: Shape, ranges: readonly Range[]): Span[] {
  if (ranges.length > input.length) {
    throw new ShapeError(
      `slice: ${ranges.length} ranges for ${input.length} axes (input ${show(input)}); give at most one range an axis`,
    );
  }
  return input.map((size, axis) => {
    const [start, end, step = 1] = ranges[axis] ?? [];
    for (const place of [start ?? 0, end ?? 0, step]) {
      if (Number.isInteger(place)) continue;
      throw new ShapeError(`slice: ${place} in the range of axis ${axis} is not a whole number (input ${show(input)})`);
    }
    if (step === 0) {
      throw new ShapeError(
        `slice: the step of axis ${axis} is 0 (input ${show(input)}); use a positive or negative step`,
      );
    }
    return spanOf(size, start, end, step);
  });
}

/** Python's rule: places are cut back to [0, size] going forwards and to [−1, size − 1] going backwards. */
function spanOf(size: number, start: number | null | undefined, end: number | null | undefined, step: number): Span {
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? size : size - 1;
  const cut = (place: number) => Math.min(Math.max(place < 0 ? place + size : place, low), high);
  const first = start == null ? (step > 0 ? low : high) : cut(start);
  const beyond = end == null ? (step > 0 ? high : low) : cut(end);
  const length = Math.max(0, Math.ceil((beyond - first) / step));
  return { start: length === 0 ? 0 : first, step, length };
}
