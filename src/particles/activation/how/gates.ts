/** What ops share that gate one half of an axis by the other. */
import type { Block, Values } from "../../../core/particle.ts";
import { normalizeAxis, type Shape, show, sizeOf } from "../../../core/shape.ts";
import { parallel } from "../../../engine/parallel.ts";
import { ShapeError } from "../../../errors.ts";
import { polynomialGrain } from "../../how/elementwise.ts";

export interface GateAttributes {
  readonly axis: number;
}

/** The input as rows of two halves. */
export interface GatePlan {
  readonly output: Shape;
  readonly rows: number;
  /** Elements of a half. */
  readonly width: number;
}

export function gatePlan(op: string, input: Shape, axis: number): GatePlan {
  const along = normalizeAxis(op, axis, input.length);
  const size = input[along] ?? 1;
  if (size % 2 !== 0) {
    throw new ShapeError(
      `${op}: axis ${along} has ${size} places, which are no two halves (input ${show(input)}); it must have an even number`,
    );
  }
  const output = input.with(along, size / 2);
  const rows = sizeOf(input.slice(0, along));
  return { output, rows, width: sizeOf(output.slice(along)) };
}

type Kernel = (x: number, y: number, width: number, from: number, to: number) => void;
type GradKernel = (x: number, g: number, dx: number, width: number, from: number, to: number) => void;

const pieces = (width: number) => Math.ceil(polynomialGrain / Math.max(width, 1));

export function gate(kernel: Kernel, input: Block, output: Block, { rows, width }: GatePlan): void {
  parallel(kernel, rows, pieces(width), input.ptr, output.ptr, width);
}

export function gateGrad(kernel: GradKernel, input: Block, grad: Block, into: Block, { rows, width }: GatePlan): void {
  parallel(kernel, rows, pieces(width), input.ptr, grad.ptr, into.ptr, width);
}

/** The definition of a gate: `f` of each pair of elements. */
export function gateValues<Result>(
  op: string,
  { shape, data }: Values,
  axis: number,
  f: (a: number, b: number) => Result,
): Result[] {
  const { rows, width } = gatePlan(op, shape, axis);
  const result: Result[] = [];
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < width; j++) {
      const a = 2 * row * width + j;
      result.push(f(data[a]!, data[a + width]!));
    }
  }
  return result;
}
