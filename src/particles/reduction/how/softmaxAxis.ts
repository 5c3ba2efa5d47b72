/** What softmax and its logarithm share: one pair of kernels computes both. */
import type { Block } from "../../../core/particle.ts";
import { normalizeAxis, type Shape, sizeOf } from "../../../core/shape.ts";
import { kernels } from "../../../engine/generated/reduction.ts";
import { parallel } from "../../../engine/parallel.ts";

export interface SoftmaxAttributes {
  readonly axis: number;
}

/** Elements that one thread handles in about 20 µs. */
const grain = 8192;

export interface Line {
  readonly size: number;
  readonly inner: number;
  readonly outer: number;
}

/** The lines of a tensor along one axis. */
export function linesAlong(op: string, shape: Shape, axis: number): Line {
  const at = normalizeAxis(op, axis, shape.length);
  const size = shape[at] ?? 1;
  const inner = sizeOf(shape.slice(at + 1));
  const outer = sizeOf(shape.slice(0, at));
  return { size, inner, outer };
}

export function softmaxForward(input: Block, output: Block, { size, inner, outer }: Line, log: 0 | 1): void {
  const chunks = Math.ceil(inner / 4);
  const pieces = Math.ceil(grain / Math.max(size, 1));
  if (size === 0) return;
  if (inner === 1) parallel(kernels.softmaxRows, outer, pieces, input.ptr, output.ptr, size, log);
  else parallel(kernels.softmaxColumns, outer * chunks, Math.ceil(pieces / 4), input.ptr, output.ptr, size, inner, log);
}

export function softmaxBackward(
  output: Block,
  grad: Block,
  into: Block,
  { size, inner, outer }: Line,
  log: 0 | 1,
): void {
  const chunks = Math.ceil(inner / 4);
  const pieces = Math.ceil((4 * grain) / Math.max(size, 1));
  if (size === 0) return;
  const heads = [output.ptr, grad.ptr, into.ptr, size] as const;
  if (inner === 1) parallel(kernels.softmaxRowsGrad, outer, pieces, ...heads, log);
  else parallel(kernels.softmaxColumnsGrad, outer * chunks, Math.ceil(pieces / 4), ...heads, inner, log);
}

/** Calls `body` with the places of each line of elements along `axis`: for definitions. */
export function eachLine(shape: Shape, axis: number, body: (places: readonly number[]) => void): void {
  const { size, inner, outer } = linesAlong("softmax", shape, axis);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) body(Array.from({ length: size }, (_, i) => (o * size + i) * inner + j));
  }
}
