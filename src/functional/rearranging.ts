/** Rearrangements: turned, shifted, repeated, triangular and diagonal parts, all copies by one or two moves. */
import { tensor } from "../core/creation.ts";
import { scope } from "../core/scope.ts";
import { normalizeAxes, normalizeAxis, show } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { ShapeError } from "../errors.ts";
import { where } from "../particles/comparison/where.ts";
import { concat } from "../particles/layout/concat.ts";
import { expand } from "../particles/layout/expand.ts";
import { indexSelect } from "../particles/layout/indexSelect.ts";
import { pad } from "../particles/layout/pad.ts";
import { reshape } from "../particles/layout/reshape.ts";
import { slice } from "../particles/layout/slice.ts";

/** The elements along `axes`, one or several, in reverse order. */
export function flip(input: Tensor, axes: number | readonly number[]): Tensor {
  const turned = normalizeAxes("flip", axes, input.shape.length);
  return slice(
    input,
    input.shape.map((_, axis) => (turned.includes(axis) ? [null, null, -1] : null)),
  );
}

/** The elements shifted by `shift` places along `axis`; what leaves at one end comes back at the other. Without an axis in the flat order. */
export function roll(input: Tensor, shift: number, axis?: number): Tensor {
  if (!Number.isInteger(shift)) {
    throw new ShapeError(`roll: shift ${shift} is not a whole number (input ${show(input.shape)})`);
  }
  if (axis === undefined) {
    if (input.shape.length === 1) return roll(input, shift, 0);
    return scope(() => reshape(roll(reshape(input, [-1]), shift, 0), input.shape));
  }
  const along = normalizeAxis("roll", axis, input.shape.length);
  const size = input.shape[along] ?? 1;
  const cut = size === 0 ? 0 : (((size - shift) % size) + size) % size;
  const part = (from: number, to: number) =>
    slice(
      input,
      input.shape.map((_, other) => (other === along ? [from, to] : null)),
    );
  return scope(() => concat([part(cut, size), part(0, cut)], along));
}

/**
 * The tensor `sizes[axis]` times along each axis, `repeat(x, [2, 1])`: as PyTorch's `repeat`, which takes a size for every axis, and more in
 * front for new ones.
 */
export function repeat(input: Tensor, sizes: readonly number[]): Tensor {
  return repeated("repeat", input, sizes);
}

/** The same, where sizes that are missing in front are 1. */
export function tile(input: Tensor, sizes: readonly number[]): Tensor {
  const missing = Math.max(input.shape.length - sizes.length, 0);
  return repeated("tile", input, [...Array<number>(missing).fill(1), ...sizes]);
}

function repeated(op: string, input: Tensor, sizes: readonly number[]): Tensor {
  const { shape } = input;
  if (sizes.length < shape.length || sizes.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new ShapeError(
      `${op}: sizes ${show(sizes)} must be ${shape.length} or more whole numbers of at least 0 (input ${show(shape)}); give one an axis`,
    );
  }
  const own = [...Array<number>(sizes.length - shape.length).fill(1), ...shape];
  // An axis that is repeated gets one of size 1 in front, which is then expanded.
  const before = own.flatMap((size, axis) => (sizes[axis] === 1 ? [size] : [1, size]));
  const after = own.flatMap((size, axis) => (sizes[axis] === 1 ? [size] : [sizes[axis]!, size]));
  const result = own.map((size, axis) => size * sizes[axis]!);
  return scope(() => reshape(expand(reshape(input, before), after), result));
}

/** Each element `repeats` times in a row along `axis`: [a, b] becomes [a, a, b, b]. Without an axis in the flat order. */
export function repeatInterleave(input: Tensor, repeats: number, axis?: number): Tensor {
  if (!Number.isInteger(repeats) || repeats < 0) {
    throw new ShapeError(
      `repeatInterleave: repeats ${repeats} is not a whole number of at least 0 (input ${show(input.shape)})`,
    );
  }
  if (axis === undefined && input.shape.length !== 1) {
    return scope(() => repeatInterleave(reshape(input, [-1]), repeats, 0));
  }
  const { shape } = input;
  const along = normalizeAxis("repeatInterleave", axis ?? 0, shape.length);
  const front = shape.slice(0, along + 1);
  const back = shape.slice(along + 1);
  return scope(() => {
    const wide = expand(reshape(input, [...front, 1, ...back]), [...front, repeats, ...back]);
    return reshape(wide, shape.with(along, shape[along]! * repeats));
  });
}

/** `value` where `mask` (uint8) is not 0, the element elsewhere. The mask broadcasts to the input. */
export function maskedFill(input: Tensor, mask: Tensor, value: number): Tensor {
  return where(mask, value, input);
}

/** The lower triangle of the last two axes, zeros above; `diagonal` counts from the main one, upwards where positive. */
export function tril(input: Tensor, diagonal = 0): Tensor {
  return triangle("tril", input, (row, column) => column - row <= diagonal);
}

/** The upper triangle of the last two axes, zeros below; `diagonal` counts from the main one, upwards where positive. */
export function triu(input: Tensor, diagonal = 0): Tensor {
  return triangle("triu", input, (row, column) => column - row >= diagonal);
}

function triangle(op: string, input: Tensor, inside: (row: number, column: number) => boolean): Tensor {
  const [rows, columns] = input.shape.slice(-2);
  if (rows === undefined || columns === undefined) {
    throw new ShapeError(
      `${op}: input must have at least 2 dimensions, got ${input.shape.length} (input ${show(input.shape)})`,
    );
  }
  const bytes = Uint8Array.from({ length: rows * columns }, (_, at) =>
    inside(Math.floor(at / columns), at % columns) ? 1 : 0,
  );
  return scope(() => where(tensor(bytes, { shape: [rows, columns] }), input, 0));
}

/**
 * Of a vector the square matrix with it on a diagonal and zeros elsewhere; of a matrix that diagonal. `diagonal` counts from the main one,
 * upwards where positive.
 *
 * @throws ShapeError for any other rank.
 */
export function diag(input: Tensor, diagonal = 0): Tensor {
  const { shape } = input;
  if (!Number.isInteger(diagonal) || shape.length < 1 || shape.length > 2) {
    throw new ShapeError(
      `diag: input must be a vector or a matrix and diagonal ${diagonal} a whole number (input ${show(shape)})`,
    );
  }
  if (shape.length === 1) return scope(() => matrixOf(input, diagonal));
  const [rows, columns] = shape as readonly [number, number];
  const first = diagonal >= 0 ? diagonal : -diagonal * columns;
  const length = Math.max(Math.min(rows - Math.max(-diagonal, 0), columns - Math.max(diagonal, 0)), 0);
  const places = Int32Array.from({ length }, (_, at) => first + at * (columns + 1));
  return scope(() => indexSelect(reshape(input, [-1]), 0, tensor(places)));
}

/** Rows of an element and n zeros lie, one after the other, as those of a diagonal matrix with n columns. */
function matrixOf(vector: Tensor, diagonal: number): Tensor {
  const n = vector.shape[0]!;
  const rows = reshape(pad(reshape(vector, [n, 1]), [0, n]), [-1]);
  const square = reshape(slice(rows, [[0, n * n]]), [n, n]);
  if (diagonal === 0) return square;
  const [right, down] = [Math.max(diagonal, 0), Math.max(-diagonal, 0)];
  return pad(square, [right, down, down, right]);
}

/** The elements at the places of `index` (int32) in the flat order, in the shape of the index. */
export function take(input: Tensor, index: Tensor): Tensor {
  return scope(() => reshape(indexSelect(reshape(input, [-1]), 0, reshape(index, [-1])), index.shape));
}
