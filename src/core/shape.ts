/** Shape arithmetic and its errors. */
import { ShapeError } from "../errors.ts";

/** Sizes from the outermost axis to the innermost. A scalar has none. */
export type Shape = readonly number[];

/** A list in brackets or one by one, as PyTorch takes both: `x.reshape(2, 3)`, `x.reshape([2, 3])`. */
export function listOf(given: readonly number[] | readonly [readonly number[]]): readonly number[] {
  return given.length === 1 && typeof given[0] !== "number" ? [...given[0]] : [...(given as readonly number[])];
}

/** The number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) size *= shape[axis]!;
  return size;
}

/** `[64, 1, 28, 28]`, as messages print it. */
export function show(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The four sizes of an image batch or a filter bank, or a ShapeError that names what was expected. */
export function dims4(
  op: string,
  port: string,
  shape: Shape,
  names: string,
): readonly [number, number, number, number] {
  if (shape.length !== 4) {
    throw new ShapeError(
      `${op}: ${port} must have 4 dimensions (${names}), got ${shape.length} (${port} ${show(shape)})`,
    );
  }
  return shape as unknown as readonly [number, number, number, number];
}

/**
 * The common shape of operands by NumPy's rule: aligned at the last axis, sizes are equal or one of them is 1 or missing.
 * Throws a ShapeError that names both sizes.
 */
export function broadcastShapes(op: string, operands: Readonly<Record<string, Shape>>): Shape {
  let result: Shape | undefined;
  for (const port in operands) {
    const shape = operands[port]!;
    result ??= shape;
    if (sameShape(shape, result)) continue;
    const rank = Math.max(result.length, shape.length);
    const merged = new Array<number>(rank);
    for (let axis = 1; axis <= rank; axis++) {
      const a = result[result.length - axis] ?? 1;
      const b = shape[shape.length - axis] ?? 1;
      if (a !== b && a !== 1 && b !== 1) {
        const shown = Object.keys(operands)
          .map((name) => `${name} ${show(operands[name]!)}`)
          .join(", ");
        throw new ShapeError(
          `${op}: sizes ${a} and ${b} at axis ${-axis} do not match (${shown}); they must be equal, or one of them 1`,
        );
      }
      merged[rank - axis] = a === 1 ? b : a;
    }
    result = merged;
  }
  return result ?? [];
}

/** The axis counted from the front, or a ShapeError. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -Math.max(rank, 1) || axis >= Math.max(rank, 1)) {
    throw new ShapeError(
      `${op}: axis ${axis} is out of range for ${rank} dimensions; it must be a whole number from ${-Math.max(rank, 1)} to ${Math.max(rank, 1) - 1}`,
    );
  }
  return axis < 0 ? axis + Math.max(rank, 1) : axis;
}

/** Distinct axes in ascending order; all of them where none are given. */
export function normalizeAxes(op: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const wanted = (typeof axes === "number" ? [axes] : axes).map((axis) => normalizeAxis(op, axis, rank));
  const sorted = [...new Set(wanted)].sort((a, b) => a - b);
  if (sorted.length !== wanted.length) {
    throw new ShapeError(
      `${op}: axes ${show(typeof axes === "number" ? [axes] : axes)} name an axis twice; give each once`,
    );
  }
  return rank === 0 ? [] : sorted;
}

/** Refuses a size that is not a whole number ≥ 0, and more than memory could ever hold. */
export function checkShape(op: string, shape: Shape): Shape {
  if (!Array.isArray(shape as unknown))
    throw new ShapeError(`${op}: the shape must be an array of sizes, got ${typeof shape}`);
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw new ShapeError(`${op}: size ${size} is not a whole number of at least 0 (shape ${show(shape)})`);
    }
  }
  if (shape.length > maxRank) {
    throw new ShapeError(
      `${op}: ${shape.length} dimensions are more than ${maxRank} (shape ${show(shape)}); merge some with reshape`,
    );
  }
  if (sizeOf(shape) > maxSize) {
    throw new ShapeError(
      `${op}: ${sizeOf(shape)} elements are more than ${maxSize} (shape ${show(shape)}); split the tensor`,
    );
  }
  return shape;
}

export const maxRank = 8;
/** Elements of one tensor: 2 GiB of float32, less one vector, so that no byte offset reaches the sign bit. */
export const maxSize = 2 ** 29 - 4;

/** Numbers nested as deep as a tensor has dimensions. */
export type Nested = number | readonly Nested[];
