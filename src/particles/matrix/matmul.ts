import { apply } from "../../core/apply.ts";
import type { Block, Particle } from "../../core/particle.ts";
import { type Shape, show, sizeOf, stridesOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { engine } from "../../engine/module.ts";
import { ShapeError } from "../../errors.ts";
import { type MatrixProduct, multiply } from "./how/matrixProduct.ts";

export const matmulParticle: Particle<{ a: 1; b: 1 }, void, "a" | "b", object, Geometry> = {
  name: "matmul",
  summary: "Multiplies two matrices, or two stacks of matrices pair by pair.",
  formula: "y[…,m,n] = Σ k  a[…,m,k] · b[…,k,n]",
  example: {
    inputs: {
      a: [
        [1, 2],
        [3, 4],
      ],
      b: [
        [5, 6],
        [7, 8],
      ],
    },
  },
  keeps: ["a", "b"],
  plan: geometryOf,
  shape: (_, { output }) => output,
  workspace(_, { stack, count }) {
    const bytes = stack ? 8 * count : 0;
    return { forward: bytes, backward: bytes };
  },
  forward({ a, b, output, workspace }, { M, N, K, count, stack }) {
    if (!stack) return multiply(a.ptr, b.ptr, output.ptr, { M: count * M, N, K });
    const { outputs, ofA, ofB } = stack;
    const table = writeTable(workspace, outputs, ofA, ofB, 1);
    multiply(a.ptr, b.ptr, output.ptr, { M, N, K, count, table });
  },
  backward({ a, b, grad, workspace }, into, { M, N, K, count, batchA, batchB, stack }) {
    if (!stack) {
      const rows = count * M;
      if (into.a) multiply(grad.ptr, b.ptr, into.a.ptr, { M: rows, N: K, K: N, transB: true });
      if (into.b) multiply(a.ptr, grad.ptr, into.b.ptr, { M: K, N, K: rows, transA: true });
      return;
    }
    const { outputs, ofA, ofB } = stack;
    if (into.a) {
      const terms = sumOver(into.a, M * K, count);
      const table = writeTable(workspace, ofA, outputs, ofB, terms);
      const product: MatrixProduct = { M, N: K, K: N, transB: true, count: sizeOf(batchA), table, terms };
      multiply(grad.ptr, b.ptr, into.a.ptr, product);
    }
    if (into.b) {
      const terms = sumOver(into.b, K * N, count);
      const table = writeTable(workspace, ofB, ofA, outputs, terms);
      const product: MatrixProduct = { M: K, N, K: M, transA: true, count: sizeOf(batchB), table, terms };
      multiply(a.ptr, grad.ptr, into.b.ptr, product);
    }
  },
  cost(at, { M, N, K, count }) {
    const outputs = count * M * N;
    const products = outputs * K;
    return { flops: 2 * products, products, bytes: 4 * (sizeOf(at.a) + sizeOf(at.b) + outputs) };
  },
  definition({ a, b }) {
    const { M, N, K, batch, batchA, batchB } = geometryOf({ a: a.shape, b: b.shape });
    const ofA = indicesIn(batchA, batch);
    const ofB = indicesIn(batchB, batch);
    const result: number[] = [];
    for (let index = 0; index < sizeOf(batch); index++) {
      for (let m = 0; m < M; m++) {
        for (let n = 0; n < N; n++) {
          let sum = 0;
          for (let k = 0; k < K; k++) {
            sum += a.data[(ofA[index]! * M + m) * K + k]! * b.data[(ofB[index]! * K + k) * N + n]!;
          }
          result.push(sum);
        }
      }
    }
    return result;
  },
};

/**
 * The product of two matrices, `[M, K] · [K, N] → [M, N]`, with the rules of PyTorch's `matmul`: a one-dimensional `a` is a row and a
 * one-dimensional `b` a column, whose axis the output does not have; axes before the last two are stacks of matrices and
 * broadcast. All float32. With K = 0 the output is zeros.
 *
 * A row of the output has the same bits whatever the other rows are, and however many.
 *
 * @throws ShapeError where an operand is a scalar, where inner sizes differ, and where stacks do not broadcast.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return apply(matmulParticle, { a, b }, undefined);
}

interface Geometry {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** The stacks of the operands and of the output. */
  readonly batchA: Shape;
  readonly batchB: Shape;
  readonly batch: Shape;
  readonly output: Shape;
  /** How many matrices the output is a stack of. */
  readonly count: number;
  /** What is multiplied where there is more to it than one product: if b is a single matrix, the rows of all of a are the rows of one. */
  readonly stack: Stack | undefined;
}

/** For each matrix of the output its number, and which of each operand's it comes from. */
interface Stack {
  readonly outputs: Uint32Array;
  readonly ofA: Uint32Array;
  readonly ofB: Uint32Array;
}

const none: Shape = [];

function geometryOf({ a, b }: { readonly a: Shape; readonly b: Shape }): Geometry {
  if (a.length === 2 && b.length === 2 && a[1] === b[0]) {
    const [M, N] = [a[0]!, b[1]!];
    return { M, N, K: a[1]!, batchA: none, batchB: none, batch: none, output: [M, N], count: 1, stack: undefined };
  }
  const shown = `(a ${show(a)}, b ${show(b)})`;
  if (a.length === 0 || b.length === 0) {
    const port = a.length === 0 ? "a" : "b";
    throw new ShapeError(
      `matmul: ${port} must have at least 1 dimension, got a scalar ${shown}; multiply by it with mul`,
    );
  }
  const M = a.length > 1 ? a.at(-2)! : 1;
  const K = a.at(-1)!;
  const inner = b.length > 1 ? b.at(-2)! : b[0]!;
  const N = b.length > 1 ? b.at(-1)! : 1;
  if (K !== inner) throw new ShapeError(`matmul: inner sizes differ, ${K} and ${inner} ${shown}`);
  const batchA = a.slice(0, -2);
  const batchB = b.slice(0, -2);
  const rank = Math.max(batchA.length, batchB.length);
  const batch = new Array<number>(rank);
  for (let axis = 1; axis <= rank; axis++) {
    const x = batchA.at(-axis) ?? 1;
    const y = batchB.at(-axis) ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `matmul: stacks of ${x} and ${y} matrices at axis ${-axis - 2} do not match ${shown}; they must be equal, or one of them 1`,
      );
    }
    batch[rank - axis] = x === 1 ? y : x;
  }
  const output = [...batch, ...(a.length > 1 ? [M] : []), ...(b.length > 1 ? [N] : [])];
  const count = sizeOf(batch);
  const single = sizeOf(batchB) === 1 && sizeOf(batchA) === count;
  return { M, N, K, batchA, batchB, batch, output, count, stack: single ? undefined : stackOf(batchA, batchB, batch) };
}

function stackOf(batchA: Shape, batchB: Shape, batch: Shape): Stack {
  const outputs = Uint32Array.from({ length: sizeOf(batch) }, (_, index) => index);
  return { outputs, ofA: indicesIn(batchA, batch), ofB: indicesIn(batchB, batch) };
}

/** For each matrix of the output's stack, which of the operand's stack it comes from. */
function indicesIn(own: Shape, batch: Shape): Uint32Array {
  const strides = stridesOf(own);
  const indices = new Uint32Array(sizeOf(batch));
  for (let index = 0; index < indices.length; index++) {
    let rest = index;
    for (let axis = 1; axis <= batch.length; axis++) {
      const size = batch.at(-axis)!;
      if ((own.at(-axis) ?? 1) > 1) indices[index]! += (rest % size) * strides.at(-axis)!;
      rest = Math.floor(rest / size);
    }
  }
  return indices;
}

/** How many of the output's matrices each matrix of a gradient is summed over. */
function sumOver(gradient: Block, elements: number, count: number): number {
  return gradient.size === 0 ? 0 : (count * elements) / gradient.size;
}

/** Writes, for each target, the `terms` pairs of matrices whose products it sums up, in the order of the output's stack. */
function writeTable(ptr: number, targets: Uint32Array, first: Uint32Array, second: Uint32Array, terms: number): number {
  const table = new Uint32Array(engine().memory.buffer, ptr, 2 * targets.length);
  const next = new Uint32Array(terms === 0 ? 0 : targets.length / terms);
  for (let index = 0; index < targets.length; index++) {
    const target = targets[index]!;
    const at = 2 * (target * terms + next[target]!++);
    table[at] = first[index]!;
    table[at + 1] = second[index]!;
  }
  return ptr;
}
