/**
 * How a reduction over any axes becomes passes of [outer, axis, inner] kernels, and its gradient the same passes backwards. Cuts
 * depend on sizes alone, so a sum has the same tree whatever the threads.
 */
import { flag, type OptionsOf, readOptions } from "../../../core/options.ts";
import type { Workspace } from "../../../core/particle.ts";
import { normalizeAxes, type Shape, sizeOf } from "../../../core/shape.ts";
import { reducedColumns } from "../../../engine/generated/border.ts";
import { kernels } from "../../../engine/generated/reduction.ts";
import { parallel } from "../../../engine/parallel.ts";

export type Axes = number | readonly number[] | undefined;

export interface ReductionAttributes {
  readonly axes?: Axes;
  readonly keepDim: boolean;
}

export interface ReductionOptions {
  /** Leaves the reduced axes in the shape, with size 1. */
  readonly keepDim?: boolean;
}

/** For ops that reduce: `keepDim` alone. */
export const keepDimOption: OptionsOf<{ keepDim: boolean }> = { keepDim: flag(false) };

export function reductionAttributes(
  op: string,
  axes: Axes,
  options: boolean | ReductionOptions | undefined,
): ReductionAttributes {
  const { keepDim } = readOptions(op, options, keepDimOption);
  return { axes, keepDim };
}

/** The shape that is left when `axes` are reduced. */
export function reducedShape(op: string, shape: Shape, { axes, keepDim }: ReductionAttributes): Shape {
  const reduced = normalizeAxes(op, axes, shape.length);
  if (keepDim) return shape.map((size, axis) => (reduced.includes(axis) ? 1 : size));
  return shape.filter((_, axis) => !reduced.includes(axis));
}

/** [outer, axis, inner] → [outer, ⌈axis / segment⌉, inner]. */
interface Pass {
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
  readonly segment: number;
}

/** A reduction over some axes of a shape. */
export interface Passes {
  /** The number of elements of the input. */
  readonly size: number;
  /** How many elements become one. */
  readonly count: number;
  /** From the input to the output. */
  readonly passes: readonly Pass[];
  /** From the gradient of the output to that of the input. */
  readonly spreads: readonly Pass[];
  /** Bytes of workspace that the passes take, and the spreads. */
  readonly passBytes: number;
  readonly spreadBytes: number;
}

/** A row of more than two segments is cut; so are columns of more than two. */
const rowSegment = 4096;
const columnSegment = 128;
/** Elements that one thread reduces in about 20 µs. */
const grain = 131072;

/** The plan of a reduction. */
export interface ReductionPlan extends Passes {
  /** The shape that is left. */
  readonly output: Shape;
}

export function reductionPlan(op: string, shape: Shape, { axes, keepDim }: ReductionAttributes): ReductionPlan {
  const output = reducedShape(op, shape, { axes, keepDim });
  return { ...passesOver(shape, axes), output };
}

/** How a tensor of `shape` is reduced over sound `axes`. */
export function passesOver(shape: Shape, axes: Axes): Passes {
  const reduced = normalizeAxes("reduction", axes, shape.length);
  let count = 1;
  for (const axis of reduced) count *= shape[axis]!;
  // Neighbouring axes of one kind are merged, axes of size 1 left out: [8, 3, 28, 28] over (0, 2, 3) is [8*, 3, 784*].
  const sizes: number[] = [];
  const kinds: boolean[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 1) continue;
    const kind = reduced.includes(axis);
    if (kinds.length > 0 && kinds[kinds.length - 1] === kind) sizes[sizes.length - 1]! *= shape[axis]!;
    else {
      sizes.push(shape[axis]!);
      kinds.push(kind);
    }
  }
  const passes = passesOf(sizes, kinds);
  const spreads = spreadsOf(sizes, kinds);
  let passBytes = 0;
  for (let index = 0; index < passes.length - 1; index++) passBytes += bytesFor(slotsOf(passes[index]!));
  let spreadBytes = 0;
  for (let index = 0; index < spreads.length - 1; index++) {
    const { outer, axis, inner } = spreads[index]!;
    spreadBytes += bytesFor(outer * axis * inner);
  }
  return { size: sizeOf(shape), count, passes, spreads, passBytes, spreadBytes };
}

/** The last reduced group goes first: it lies most densely. A long one takes several passes. */
function passesOf(sizes: readonly number[], kinds: readonly boolean[]): Pass[] {
  const passes: Pass[] = [];
  let inner = 1;
  for (let at = sizes.length - 1; at >= 0; at--) {
    if (!kinds[at]) {
      inner *= sizes[at]!;
      continue;
    }
    const outer = sizeOf(sizes.slice(0, at));
    const limit = inner === 1 ? rowSegment : columnSegment;
    for (let axis = sizes[at]!; ; axis = Math.ceil(axis / limit)) {
      const segment = axis > 2 * limit ? limit : Math.max(axis, 1);
      passes.push({ outer, axis, inner, segment });
      if (segment >= axis) break;
    }
  }
  // Nothing to reduce is a copy.
  return passes.length > 0 ? passes : [{ outer: 1, axis: 1, inner, segment: 1 }];
}

/** The same backwards: the first reduced group is spread first, while the later ones are not there yet. */
function spreadsOf(sizes: readonly number[], kinds: readonly boolean[]): Pass[] {
  const spreads: Pass[] = [];
  let inner = 1;
  for (let at = 0; at < sizes.length; at++) if (!kinds[at]) inner *= sizes[at]!;
  const whole = inner;
  let outer = 1;
  for (let at = 0; at < sizes.length; at++) {
    const axis = sizes[at]!;
    if (kinds[at]) {
      const segment = inner === 1 && axis > 2 * rowSegment ? rowSegment : Math.max(axis, 1);
      spreads.push({ outer, axis, inner, segment });
    } else inner /= Math.max(axis, 1);
    outer *= axis;
  }
  return spreads.length > 0 ? spreads : [{ outer: 1, axis: 1, inner: whole, segment: 1 }];
}

const segmentsOf = ({ axis, segment }: Pass) => Math.max(Math.ceil(axis / segment), 1);
const slotsOf = (pass: Pass) => pass.outer * segmentsOf(pass) * pass.inner;
const bytesFor = (elements: number) => Math.ceil(elements / 16) * 64;

/** How many elements become one. */
export function reducedCount(shape: Shape, axes: Axes): number {
  return passesOver(shape, axes).count;
}

/** Scratch of a reduction whose gradient is spread. */
export function reductionWorkspace({ passBytes, spreadBytes }: Passes): Workspace {
  return { forward: passBytes, backward: spreadBytes };
}

type RowKernel = (x: number, y: number, length: number, segment: number, by: number, from: number, to: number) => void;
type ColumnKernel = (
  x: number,
  y: number,
  axis: number,
  inner: number,
  segment: number,
  by: number,
  from: number,
  to: number,
) => void;

function reduce(
  rows: RowKernel,
  columns: ColumnKernel,
  passes: readonly Pass[],
  x: number,
  y: number,
  workspace: number,
  by: (last: boolean) => number,
): void {
  let source = x;
  let slots = workspace;
  passes.forEach((pass, index) => {
    const { outer, axis, inner, segment } = pass;
    const last = index === passes.length - 1;
    const target = last ? y : slots;
    const units = outer * segmentsOf(pass);
    if (inner === 1) {
      parallel(rows, units, Math.ceil(grain / segment), source, target, axis, segment, by(last));
    } else {
      const width = Math.min(inner, reducedColumns);
      const blocks = Math.ceil(inner / reducedColumns);
      const pieces = Math.ceil(grain / (segment * Math.max(width, 1)));
      parallel(columns, units * blocks, pieces, source, target, axis, inner, segment, by(last));
    }
    source = target;
    slots += bytesFor(slotsOf(pass));
  });
}

/** y = Σ x / divisor. The sum of nothing is 0. Takes `passBytes` of workspace. */
export function sumInto({ passes }: Passes, x: number, y: number, workspace: number, divisor = 1): void {
  reduce(kernels.sumRows, kernels.sumColumns, passes, x, y, workspace, (last) => (last ? divisor : 1));
}

/** The sign bit, which `extremeRows` and its kin flip to find minima. */
export const signBit = 0x80000000;

/** y = the maximum of x, or the minimum. Takes `passBytes` of workspace. */
export function extremeInto({ passes }: Passes, x: number, y: number, workspace: number, minimum: boolean): void {
  reduce(kernels.extremeRows, kernels.extremeColumns, passes, x, y, workspace, () => (minimum ? signBit : 0));
}

/** [outer, axis, inner] of a tensor seen along axes that lie together, all of them where none are given; else nothing. */
export function alongAxes({
  spreads,
}: Passes): { readonly outer: number; readonly axis: number; readonly inner: number } | undefined {
  return spreads.length === 1 ? spreads[0] : undefined;
}

/** x = y / divisor, repeated along the reduced axes: the gradient of a sum. Takes `spreadBytes` of workspace. */
export function spreadInto({ size, spreads }: Passes, y: number, x: number, workspace: number, divisor = 1): void {
  if (size === 0) return;
  let source = y;
  let slots = workspace;
  spreads.forEach((pass, index) => {
    const { outer, axis, inner, segment } = pass;
    const target = index === spreads.length - 1 ? x : slots;
    const by = index === 0 ? divisor : 1;
    if (inner === 1) {
      const units = outer * segmentsOf(pass);
      parallel(kernels.spreadRows, units, Math.ceil(grain / segment), source, target, axis, segment, by);
    } else {
      parallel(kernels.spreadColumns, outer * axis, Math.ceil(grain / inner), source, target, axis, inner, by);
    }
    source = target;
    slots += bytesFor(outer * axis * inner);
  });
}

/** The place in the output that each input belongs to, in the order of the input: what definitions walk along. */
export function outputPlaces(shape: Shape, axes: Axes): number[] {
  const reduced = normalizeAxes("reduction", axes, shape.length);
  let places = [0];
  shape.forEach((size, axis) => {
    const stays = !reduced.includes(axis);
    places = places.flatMap((place) => Array.from({ length: size }, (_, i) => (stays ? place * size + i : place)));
  });
  return places;
}
