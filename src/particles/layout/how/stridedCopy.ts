/**
 * What permute, slice, pad, concat and broadcastTo have in common: the same box of elements lies in two places, each with
 * strides of its own, and is copied from one to the other.
 */
import { bytesOf, type DType } from "../../../core/dtype.ts";
import type { Shape } from "../../../core/shape.ts";
import { kernels } from "../../../engine/generated/layout.ts";
import { parallel } from "../../../engine/parallel.ts";

/** Where a box of elements lies: the address of its first element, and a stride in elements for each axis. */
export interface Layout {
  readonly ptr: number;
  readonly strides: readonly number[];
}

interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** Elements that one thread moves in about 20 µs. */
const grain = 65536;

/** Copies the box `shape` from one layout to another. Strides of `from` may be zero or negative; places in `to` are distinct. */
export function stridedCopy(dtype: DType, shape: Shape, from: Layout, to: Layout): void {
  if (shape.includes(0)) return;
  const bytes = bytesOf[dtype];
  const axes = mergedAxes(shape, from.strides, to.strides);
  const turned = bytes === 4 ? axesForTransposition(axes) : undefined;
  eachOuter(turned ?? axes, from.ptr, to.ptr, bytes, (inner, x, y) => {
    const [a, b, c, d] = inner;
    if (turned) {
      const strips = a.size * b.size * Math.ceil(c.size / 16);
      const args = [x, y, b.size, c.size, d.size, a.from, b.from, d.from, a.to, b.to, c.to] as const;
      parallel(kernels.transposeTiles32, strips, Math.ceil(grain / 16 / d.size), ...args);
      return;
    }
    const kernel = bytes === 4 ? kernels.copyRows32 : kernels.copyRows8;
    const args = [x, y, b.size, c.size, d.size, a.from, b.from, c.from, d.from, a.to, b.to, c.to, d.to] as const;
    parallel(kernel, a.size * b.size * c.size, Math.ceil(grain / d.size), ...args);
  });
}

/** Calls `body` with the four inner axes, once for each place of the axes outside of them. */
function eachOuter(
  axes: readonly Axis[],
  x: number,
  y: number,
  bytes: number,
  body: (inner: [Axis, Axis, Axis, Axis], x: number, y: number) => void,
): void {
  if (axes.length > 4) {
    const { size, from, to } = axes[0]!;
    for (let k = 0; k < size; k++) eachOuter(axes.slice(1), x + k * from * bytes, y + k * to * bytes, bytes, body);
    return;
  }
  const one: Axis = { size: 1, from: 0, to: 0 };
  body([one, one, one, one, ...axes].slice(-4) as [Axis, Axis, Axis, Axis], x, y);
}

/** The axes that count: those of size 1 left out, neighbours that run on without a gap on both sides made one. */
function mergedAxes(shape: Shape, from: readonly number[], to: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const next: Axis = { size: shape[axis]!, from: from[axis]!, to: to[axis]! };
    if (next.size === 1) continue;
    const last = axes[axes.length - 1];
    if (last && last.from === next.from * next.size && last.to === next.to * next.size) {
      axes[axes.length - 1] = { size: last.size * next.size, from: next.from, to: next.to };
    } else axes.push(next);
  }
  return axes;
}

/** The axes with the one that is contiguous in the source moved next to the one that is contiguous in the target. */
function axesForTransposition(axes: readonly Axis[]): Axis[] | undefined {
  const last = axes[axes.length - 1];
  if (last?.to !== 1 || last.from === 1 || last.from === 0) return undefined;
  const turning = axes.findIndex((axis) => axis.from === 1);
  if (turning < 0) return undefined;
  return [...axes.filter((_, index) => index !== turning).slice(0, -1), axes[turning]!, last];
}

/** Makes all elements of a block zero. */
export function clear(block: { readonly ptr: number; readonly size: number; readonly dtype: DType }): void {
  kernels.fillBytes(block.ptr, 0, block.size * bytesOf[block.dtype]);
}
