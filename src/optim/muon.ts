import { flag, oneOf, option, real, whole } from "../core/options.ts";
import { show } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { normBlock } from "../engine/generated/border.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { engine } from "../engine/module.ts";
import { parallel } from "../engine/parallel.ts";
import { workspaceFor } from "../engine/workspace.ts";
import { ShapeError } from "../errors.ts";
import { multiply, reserveScratch } from "../particles/matrix/how/matrixProduct.ts";
import { Optimizer, type Parameters, vectorsOf } from "./optimizer.ts";
import { positive, type Rules } from "./options.ts";
import { type Needs, type State, zeros } from "./state.ts";

export interface MuonOptions {
  /** The learning rate. */
  lr: number;
  /** Shrinks the parameter by `lr · weightDecay` before the step. */
  weightDecay: number;
  /** How much of the running average of the gradient is kept. */
  momentum: number;
  /** Looks one step of momentum ahead. */
  nesterov: boolean;
  /** a, b, c of the iteration X ← aX + (bA + cA²)·X with A = X·Xᵀ. */
  nsCoefficients: readonly [number, number, number];
  /** The least norm that a matrix is divided by. */
  eps: number;
  /** How often the iteration is run. */
  nsSteps: number;
  /**
   * What the rate is multiplied by for a matrix of A × B: √max(1, A/B) (`"original"`), 0.2·√max(A, B), which makes steps as large as AdamW's
   * (`"matchRmsAdamw"`), or √(A/B) (`"spectralUnclamped"`).
   */
  adjustLrFn: "original" | "matchRmsAdamw" | "spectralUnclamped";
}

/** Vectors that one thread updates in about 20 µs. */
const grain = 16384;

const rules: Rules<MuonOptions> = {
  lr: positive(1e-3),
  weightDecay: positive(0.1),
  momentum: real(0.95, { least: 0, below: 1 }),
  nesterov: flag(true),
  nsCoefficients: option([3.4445, -4.775, 2.0315], "three numbers", areThreeNumbers),
  eps: positive(1e-7),
  nsSteps: whole(5, 1),
  adjustLrFn: oneOf("original", "matchRmsAdamw", "spectralUnclamped"),
};

/**
 * Muon, for the matrices of hidden layers: the averaged gradient is replaced by the nearest matrix whose singular values are about 1,
 * which a few products find (Newton–Schulz; K. Jordan, 2024). PyTorch's options and defaults: `lr` 0.001, `weightDecay` 0.1, `momentum` 0.95.
 * PyTorch rounds the iteration to bfloat16; here it is float32. Embeddings, biases and the last layer are for another optimiser, such as AdamW.
 *
 * @throws ShapeError for a parameter that is no matrix; OptionError for unknown options and values out of range.
 */
export class Muon extends Optimizer<MuonOptions> {
  constructor(parameters: Parameters<MuonOptions>, options: Partial<MuonOptions> | number = {}) {
    super(parameters, options, rules);
  }

  protected override checkParameter({ label, shape }: Tensor): void {
    if (shape.length === 2) return;
    throw new ShapeError(
      `Muon: "${label}" ${show(shape)} is no matrix; give biases, filters and the like to another optimiser, such as AdamW`,
    );
  }

  protected needs(): Needs {
    return { momentumBuffer: zeros };
  }

  protected override reserve(parameter: Tensor): void {
    const { M, N, side } = sidesOf(parameter);
    scratchOf(parameter);
    reserveScratch(side, side, Math.max(M, N));
    reserveScratch(M, N, side);
  }

  protected update(parameter: Tensor, grad: Tensor, state: State, options: MuonOptions): void {
    const { lr, weightDecay, momentum, nesterov, nsCoefficients, eps, nsSteps, adjustLrFn } = options;
    const vectors = vectorsOf(parameter);
    const buffer = (state.momentumBuffer as Tensor).storage.ptr;
    const { first, second, gram, square, partials } = scratchOf(parameter);
    const { M, N, side } = sidesOf(parameter);
    const wide = M <= N;
    parallel(
      kernels.muonMomentum,
      vectors,
      grain,
      grad.storage.ptr,
      buffer,
      first,
      momentum,
      1 - momentum,
      nesterov ? 1 : 0,
    );
    parallel(kernels.scaleInPlace, vectors, grain, first, 1 / Math.max(eps, norm(first, partials, parameter.size)));
    const [a, b, c] = nsCoefficients;
    const inner = Math.ceil((side * side) / 4);
    let [x, next] = [first, second];
    for (let step = 0; step < nsSteps; step++) {
      // A = X·Xᵀ, or Xᵀ·X where that is smaller; bA + cA²; aX + (bA + cA²)·X, or X·(bA + cA²).
      multiply(x, x, gram, { M: side, N: side, K: Math.max(M, N), transA: !wide, transB: wide });
      multiply(gram, gram, square, { M: side, N: side, K: side });
      parallel(kernels.weightedSum, inner, grain, gram, square, gram, b, c);
      if (wide) multiply(gram, x, next, { M, N, K: side });
      else multiply(x, gram, next, { M, N, K: side });
      parallel(kernels.weightedSum, vectors, grain, x, next, next, a, 1);
      [x, next] = [next, x];
    }
    const rate = lr * adjustments[adjustLrFn](M, N);
    const { ptr } = parameter.storage;
    parallel(kernels.weightedSum, vectors, grain, ptr, x, ptr, 1 - lr * weightDecay, -rate);
  }
}

function areThreeNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
}

const adjustments: { readonly [Name in MuonOptions["adjustLrFn"]]: (rows: number, columns: number) => number } = {
  original: (rows, columns) => Math.sqrt(Math.max(1, rows / columns)),
  matchRmsAdamw: (rows, columns) => 0.2 * Math.sqrt(Math.max(rows, columns)),
  spectralUnclamped: (rows, columns) => Math.sqrt(rows / columns),
};

/** Rows, columns, and the smaller of the two. */
function sidesOf({ shape }: Tensor): { M: number; N: number; side: number } {
  const [M, N] = shape as readonly [number, number];
  return { M, N, side: Math.min(M, N) };
}

/** Where the matrices of the iteration lie in the workspace: two of the parameter's shape, two squares, and the sums of a norm. */
function scratchOf(parameter: Tensor) {
  const { side } = sidesOf(parameter);
  const line = (bytes: number) => Math.ceil(bytes / 64) * 64;
  const matrix = line(4 * parameter.size);
  const inner = line(4 * side * side);
  const sums = 8 * Math.ceil(parameter.size / normBlock);
  const first = workspaceFor(2 * matrix + 2 * inner + sums);
  const [second, gram, square] = [first + matrix, first + 2 * matrix, first + 2 * matrix + inner];
  return { first, second, gram, square, partials: square + inner };
}

/** The root of the sum of squares of n numbers, in float64 and in blocks that depend on n only. */
function norm(x: number, partials: number, n: number): number {
  const blocks = Math.ceil(n / normBlock);
  parallel(kernels.sumOfSquares, blocks, 8, x, partials, n);
  let total = 0;
  for (const part of new Float64Array(engine().memory.buffer, partials, blocks)) total += part;
  return Math.sqrt(total);
}
