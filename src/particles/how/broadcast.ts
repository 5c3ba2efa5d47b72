/**
 * What ops with operands that broadcast have in common: rows for the kernels (`assembly/how/loops.ts` says what these take), and
 * gradients summed over what was repeated.
 */
import type { Block, Cost, Of, Values, Workspace } from "../../core/particle.ts";
import { broadcastShapes, type Shape, sizeOf } from "../../core/shape.ts";
import { kernels } from "../../engine/generated/comparison.ts";
import { parallel } from "../../engine/parallel.ts";
import { type Passes, passesOver, sumInto } from "../reduction/how/reduction.ts";
import { simpleGrain } from "./elementwise.ts";

/** A tensor as rows see it. */
export interface Operand {
  readonly ptr: number;
  readonly shape: Shape;
  readonly size: number;
  /** Bytes of an element; 4 by default. */
  readonly bytes?: number;
}

interface Axis {
  size: number;
  /** Elements to the next place, for each operand: 0 where it stays. */
  readonly strides: readonly number[];
}

/**
 * What one call of a kernel is given: addresses of the operands, and how far the dense blocks have advanced, in elements; the sizes of
 * its rows; the strides of each operand; how many rows there are.
 */
type Call = (pointers: readonly number[], offset: number, sizes: number[], strides: number[], rows: number) => void;

/** Cuts the output into rows along which every operand runs or stays, `grain` elements to a piece of work. */
function forRows(shape: Shape, operands: readonly Operand[], grain: number, call: Call): void {
  const size = sizeOf(shape);
  if (size === 0) return;
  const pointers: number[] = [];
  const plain: number[] = [];
  let repeated = false;
  for (const operand of operands) {
    pointers.push(operand.ptr);
    if (operand.size === size) plain.push(grain, 0, 0, 1);
    else plain.push(0, 0, 0, 0);
    repeated ||= operand.size !== size && operand.size !== 1;
  }
  if (repeated) forBoxes(mergedAxes(shape, operands), operands, pointers, 0, call);
  else call(pointers, 0, [size, 1, 1, grain], plain, Math.ceil(size / grain));
}

/** The four inner axes are one call, repeated for each place of the axes outside of them. */
function forBoxes(
  axes: readonly Axis[],
  operands: readonly Operand[],
  pointers: readonly number[],
  offset: number,
  call: Call,
): void {
  let size = 1;
  for (const axis of axes) size *= axis.size;
  if (axes.length > 4) {
    const { size: places, strides } = axes[0]!;
    for (let place = 0; place < places; place++) {
      const moved = pointers.map((pointer, index) => pointer + place * strides[index]! * (operands[index]!.bytes ?? 4));
      forBoxes(axes.slice(1), operands, moved, offset + place * (size / places), call);
    }
    return;
  }
  const missing = 4 - axes.length;
  const strides: number[] = [];
  for (let operand = 0; operand < operands.length; operand++) {
    for (let axis = 0; axis < 4; axis++) strides.push(axis < missing ? 0 : axes[axis - missing]!.strides[operand]!);
  }
  const row = axes[axes.length - 1]!.size;
  call(pointers, offset, [size, axes[1 - missing]?.size ?? 1, axes[2 - missing]?.size ?? 1, row], strides, size / row);
}

/** The axes that count: those of size 1 left out, neighbours along which every operand runs on, or stays, made one. */
function mergedAxes(shape: Shape, operands: readonly Operand[]): Axis[] {
  const counts = operands.map(() => 1);
  const axes: Axis[] = [];
  let inner: Axis | undefined;
  for (let back = 1; back <= shape.length; back++) {
    const size = shape[shape.length - back]!;
    if (size === 1) continue;
    const strides: number[] = [];
    let joins = inner !== undefined;
    for (let index = 0; index < operands.length; index++) {
      const own = operands[index]!.shape;
      const runs = own.length >= back && own[own.length - back] !== 1;
      strides.push(runs ? counts[index]! : 0);
      if (runs) counts[index]! *= size;
      joins &&= strides[index] === inner!.strides[index]! * inner!.size;
    }
    if (joins) inner!.size *= size;
    else axes.unshift((inner = { size, strides }));
  }
  return axes;
}

type Kernel = (...args: number[]) => void;

/** Rows that make a piece of work. */
function rowGrain(grain: number, sizes: readonly number[]): number {
  return Math.max(1, Math.floor(grain / sizes[3]!));
}

/** y = f(a, b). */
export function zip(kernel: Kernel, a: Operand, b: Operand, y: Operand, grain = simpleGrain): void {
  const { size } = y;
  if (size <= grain && (a.size === size || a.size === 1) && (b.size === size || b.size === 1)) {
    // One row, without what it takes to find rows: small tensors are where that would be felt.
    const runs = a.size === size ? 1 : 0;
    if (size > 0) kernel(a.ptr, b.ptr, y.ptr, size, 1, 1, size, 0, 0, 0, runs, 0, 0, 0, b.size === size ? 1 : 0, 0, 1);
    return;
  }
  forRows(y.shape, [a, b], grain, ([pa, pb], offset, sizes, strides, rows) => {
    parallel(kernel, rows, rowGrain(grain, sizes), pa!, pb!, y.ptr + 4 * offset, ...sizes, ...strides);
  });
}

/** dx = f(a, b, g), where g and dx have the output's shape. */
export function zipGrad(kernel: Kernel, a: Operand, b: Operand, g: Operand, dx: Operand, grain = simpleGrain): void {
  forRows(g.shape, [a, b], grain, ([pa, pb], offset, sizes, strides, rows) => {
    const dense = [g.ptr + 4 * offset, dx.ptr + 4 * offset];
    parallel(kernel, rows, rowGrain(grain, sizes), pa!, pb!, ...dense, ...sizes, ...strides);
  });
}

const dtypeCodes = { float32: 0, int32: 1, uint8: 2 } as const;

/** y = 1 where the relation holds and 0 elsewhere, in bytes. */
export function compare(kernel: Kernel, a: Block, b: Block, y: Block): void {
  const operands = [a, b].map(({ ptr, shape, size, dtype }) => ({
    ptr,
    shape,
    size,
    bytes: dtype === "uint8" ? 1 : 4,
  }));
  const codes = [dtypeCodes[a.dtype], dtypeCodes[b.dtype]];
  forRows(y.shape, operands, simpleGrain, ([pa, pb], offset, sizes, strides, rows) => {
    parallel(kernel, rows, rowGrain(simpleGrain, sizes), pa!, pb!, y.ptr + offset, ...codes, ...sizes, ...strides);
  });
}

/** y = c ? a : b. */
export function choose(c: Operand, a: Operand, b: Operand, y: Operand): void {
  forRows(y.shape, [{ ...c, bytes: 1 }, a, b], simpleGrain, (pointers, offset, sizes, strides, rows) => {
    const args = [...pointers, y.ptr + 4 * offset, ...sizes, ...strides];
    parallel(kernels.where as Kernel, rows, rowGrain(simpleGrain, sizes), ...args);
  });
}

/** dx = g where c is chosen, `wanted` 1, or where it is not, and 0 elsewhere. */
export function chooseGrad(c: Operand, g: Operand, dx: Operand, wanted: 0 | 1): void {
  forRows(g.shape, [{ ...c, bytes: 1 }], simpleGrain, (pointers, offset, sizes, strides, rows) => {
    const args = [...pointers, g.ptr + 4 * offset, dx.ptr + 4 * offset, wanted, ...sizes, ...strides];
    parallel(kernels.whereGrad as Kernel, rows, rowGrain(simpleGrain, sizes), ...args);
  });
}

/** The axes of the output along which an operand was repeated, the missing ones among them. */
function repeatedAxes(operand: Shape, output: Shape): number[] {
  const missing = output.length - operand.length;
  const axes: number[] = [];
  for (let axis = 0; axis < output.length; axis++) {
    if (axis < missing || (operand[axis - missing] === 1 && output[axis] !== 1)) axes.push(axis);
  }
  return axes;
}

type Shapes = Readonly<Record<string, Shape>>;

/** What an op with operands that broadcast has worked out. */
export interface BroadcastPlan<Ports> {
  readonly output: Shape;
  /** How a gradient of the output's shape is summed to that of each operand. */
  readonly sums: Of<Ports, Passes>;
  /** The bytes that the largest of these sums takes. */
  readonly sumBytes: number;
}

export function broadcastPlan<Ports>(op: string, operands: Of<Ports, Shape>): BroadcastPlan<Ports> {
  const output = broadcastShapes(op, operands as Shapes);
  const sums: Record<string, Passes> = {};
  let sumBytes = 0;
  for (const port in operands) {
    sums[port] = passesOver(output, repeatedAxes(operands[port], output));
    sumBytes = Math.max(sumBytes, sums[port].passBytes);
  }
  return { output, sums: sums as unknown as Of<Ports, Passes>, sumBytes };
}

/** Scratch of an op whose gradients are the one that arrives. */
export function sumWorkspace({ sumBytes }: { readonly sumBytes: number }): Workspace {
  return { backward: sumBytes };
}

/** The same, with room for a gradient that is computed before it is summed. */
export function gradientWorkspace(plan: BroadcastPlan<unknown>): Workspace {
  const sums = Object.values(plan.sums) as Passes[];
  return { backward: sums.some(({ count }) => count > 1) ? bytesOf(plan.output) + plan.sumBytes : 0 };
}

const bytesOf = (shape: Shape) => Math.ceil(sizeOf(shape) / 16) * 64;

/** into = g, summed over what was repeated. */
export function sumTo(g: Operand, into: Operand, sum: Passes, workspace: number): void {
  sumInto(sum, g.ptr, into.ptr, workspace);
}

/** into = what `fill` puts into a block of the output's shape, summed over what was repeated. */
export function gradientTo(
  output: Shape,
  into: Operand,
  sum: Passes,
  workspace: number,
  fill: (dx: Operand) => void,
): void {
  const size = sizeOf(output);
  if (into.size === size) {
    fill({ ptr: into.ptr, shape: output, size });
    return;
  }
  const whole = { ptr: workspace, shape: output, size };
  fill(whole);
  sumTo(whole, into, sum, workspace + bytesOf(output));
}

/** The cost of `flops` operations an element of the output; each operand is read once. */
export function broadcastCost(flops: number): (at: Readonly<Record<string, Shape>>) => Cost {
  return (at) => {
    const size = sizeOf(broadcastShapes("cost", at));
    const read = Object.values(at).reduce((sum, shape) => sum + sizeOf(shape), 0);
    return { flops: flops * size, bytes: 4 * (size + read) };
  };
}

/** The definition of an op with operands that broadcast: `f` of their elements at each place of the output. */
export function zipValues<Ports extends object>(
  at: Of<Ports, Values>,
  f: (...elements: number[]) => number,
): Float64Array {
  const operands = Object.values(at) as Values[];
  const shape = broadcastShapes("definition", Object.fromEntries(operands.map(({ shape }, index) => [index, shape])));
  const result = new Float64Array(sizeOf(shape));
  for (let place = 0; place < result.length; place++) {
    const elements = operands.map((operand) => {
      let source = 0;
      let rest = place;
      let stride = 1;
      for (let axis = 1; axis <= operand.shape.length; axis++) {
        const size = operand.shape[operand.shape.length - axis]!;
        const whole = shape[shape.length - axis]!;
        if (size !== 1) source += (rest % whole) * stride;
        stride *= size;
        rest = Math.floor(rest / whole);
      }
      return operand.data[source]!;
    });
    result[place] = f(...elements);
  }
  return result;
}
