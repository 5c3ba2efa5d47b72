/** What functions of one element have in common: the shape stays, and pieces of any length can be computed apart. */
import type { Block, Cost, Of } from "../../core/particle.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import { parallel } from "../../engine/parallel.ts";

type Input<T> = Of<{ input: 1 }, T>;

/** Elements that one thread handles in about 20 µs: where a few operations make an element, and where a polynomial does. */
export const simpleGrain = 65536;
export const polynomialGrain = 16384;

export function sameShape({ input }: Input<Shape>): Shape {
  return input;
}

/** The cost of `flops` operations an element, which is read once and written once. */
export function costOf(flops: number): (at: Input<Shape>) => Cost {
  return ({ input }) => ({ flops: flops * sizeOf(input), bytes: 8 * sizeOf(input) });
}

/** y = f(x), where the kernel takes whatever else it needs before its range. */
export function map<Args extends number[]>(
  kernel: (x: number, y: number, ...args: [...Args, number, number]) => void,
  grain: number,
  input: Block,
  output: Block,
  ...args: Args
): void {
  parallel(kernel, output.size, grain, input.ptr, output.ptr, ...args);
}

/** dx = f′·g, from a block that was kept and the gradient that arrives; nothing where none is wanted. */
export function mapGrad<Args extends number[]>(
  kernel: (kept: number, g: number, dx: number, ...args: [...Args, number, number]) => void,
  grain: number,
  kept: Block,
  grad: Block,
  into: Block | undefined,
  ...args: Args
): void {
  if (into) parallel(kernel, into.size, grain, kept.ptr, grad.ptr, into.ptr, ...args);
}
