/** Other ways to ask for a reshape, a permutation, a slice or a join. */
import { scope } from "../core/scope.ts";
import { normalizeAxis, show } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { ShapeError } from "../errors.ts";
import { concat } from "../particles/layout/concat.ts";
import { permute } from "../particles/layout/permute.ts";
import { reshape } from "../particles/layout/reshape.ts";
import { slice } from "../particles/layout/slice.ts";
import { unsqueeze } from "../particles/layout/unsqueeze.ts";

/** Swaps two axes: `transpose(x, 0, 1)` of a matrix is its transpose. The result is a dense copy. */
export function transpose(input: Tensor, axis0: number, axis1: number): Tensor {
  const a = normalizeAxis("transpose", axis0, input.shape.length);
  const b = normalizeAxis("transpose", axis1, input.shape.length);
  const axes = input.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
  return permute(input, axes);
}

/** Joins tensors of one shape along a new axis: three of [2, 4] become [3, 2, 4]. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  const [first] = tensors;
  if (!first) throw new ShapeError("stack: there are 0 tensors; give at least 1");
  const odd = tensors.findIndex(({ shape }) => show(shape) !== show(first.shape));
  if (odd > 0) {
    throw new ShapeError(
      `stack: shapes differ (input0 ${show(first.shape)}, input${odd} ${show(tensors[odd]!.shape)}); make them equal, or use concat`,
    );
  }
  const at = normalizeAxis("stack", axis, first.shape.length + 1);
  return scope(() =>
    concat(
      tensors.map((tensor) => unsqueeze(tensor, at)),
      at,
    ),
  );
}

/** The part of `input` at one place of an axis, which is dropped: `select(x, 0, -1)` is the last sample. */
export function select(input: Tensor, axis: number, place: number): Tensor {
  const at = normalizeAxis("select", axis, input.shape.length);
  const rest = input.shape.filter((_, other) => other !== at);
  return scope(() => reshape(narrowed("select", input, at, place, 1), rest));
}

/** `length` places of an axis from `start` on; a negative start counts from the end. */
export function narrow(input: Tensor, axis: number, start: number, length: number): Tensor {
  return narrowed("narrow", input, normalizeAxis("narrow", axis, input.shape.length), start, length);
}

function narrowed(op: string, input: Tensor, axis: number, start: number, length: number): Tensor {
  const { shape } = input;
  const size = shape[axis] ?? 0;
  const first = start < 0 ? start + size : start;
  if (!Number.isInteger(start) || !Number.isInteger(length) || first < 0 || length < 0 || first + length > size) {
    throw new ShapeError(
      `${op}: places ${start} to ${start + length - 1} are not all in axis ${axis} with ${size} places (input ${show(shape)}); they go from 0 to ${size - 1}`,
    );
  }
  return slice(
    input,
    shape.map((_, other) => (other === axis ? [first, first + length] : null)),
  );
}
