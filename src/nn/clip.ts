/** Limits on gradients between `backward` and `optimizer.step()`, in place. */
import { flag, type OptionsOf, option, readOptions } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { normBlock } from "../engine/generated/border.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { engine } from "../engine/module.ts";
import { parallel } from "../engine/parallel.ts";
import { workspaceFor } from "../engine/workspace.ts";
import { QuarkError } from "../errors.ts";

/** Vectors that one thread scales in about 20 µs. */
const grain = 16384;

export interface ClipGradNormOptions {
  /** 2 for the Euclidean norm (the default), 1 for the sum of magnitudes, Infinity for the largest. */
  readonly normType?: 1 | 2 | typeof Number.POSITIVE_INFINITY;
  /** Throws where the norm is NaN or infinite, before anything is changed; otherwise NaN spreads. False by default. */
  readonly errorIfNonfinite?: boolean;
}

const clipGradNormOptions: OptionsOf<Required<ClipGradNormOptions>> = {
  normType: option<1 | 2 | typeof Number.POSITIVE_INFINITY>(2, "1, 2 or Infinity", (value) =>
    [1, 2, Number.POSITIVE_INFINITY].includes(value as number),
  ),
  errorIfNonfinite: flag(false),
};

/**
 * Scales all gradients by one factor so that their common norm is at most `maxNorm`, and returns the norm they had. The
 * factor is maxNorm / (norm + 1e-6), at most 1, as in PyTorch. Sums are taken in float64, in blocks that depend on
 * sizes only.
 */
export function clipGradNorm(parameters: Iterable<Tensor>, maxNorm: number, options?: ClipGradNormOptions): number {
  const { normType, errorIfNonfinite } = readOptions("clipGradNorm", options, clipGradNormOptions);
  const grads = gradsOf(parameters);
  const kernel = { 1: "sumOfMagnitudes", 2: "sumOfSquares", Infinity: "largestMagnitude" }[normType] as
    | "sumOfMagnitudes"
    | "sumOfSquares"
    | "largestMagnitude";
  let total = 0;
  for (const { storage, size } of grads) {
    const blocks = Math.ceil(size / normBlock);
    const partials = workspaceFor(blocks * 8);
    parallel(kernels[kernel], blocks, 8, storage.ptr, partials, size);
    for (const part of new Float64Array(engine().memory.buffer, partials, blocks)) {
      total = normType === Number.POSITIVE_INFINITY ? Math.max(total, part) : total + part;
    }
  }
  const norm = normType === 2 ? Math.sqrt(total) : total;
  if (errorIfNonfinite && !Number.isFinite(norm)) {
    throw new QuarkError(`clipGradNorm: the norm of the gradients is ${norm}; look for the first NaN or infinity`);
  }
  const factor = maxNorm / (norm + 1e-6);
  const limited = factor > 1 ? 1 : factor;
  for (const grad of grads) {
    parallel(kernels.scaleInPlace, Math.ceil(grad.size / 4), grain, grad.storage.ptr, limited);
    grad.storage.version++;
  }
  return norm;
}

/** Limits every element of every gradient to [−limit, limit]. */
export function clipGradValue(parameters: Iterable<Tensor>, limit: number): void {
  if (!(limit >= 0)) throw new QuarkError(`clipGradValue: limit ${limit} must be at least 0`);
  for (const grad of gradsOf(parameters)) {
    parallel(kernels.limitInPlace, Math.ceil(grad.size / 4), grain, grad.storage.ptr, limit);
    grad.storage.version++;
  }
}

function gradsOf(parameters: Iterable<Tensor>): Tensor[] {
  return [...parameters].flatMap(({ grad }) => grad ?? []);
}
