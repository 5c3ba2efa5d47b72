/** Variance, deviation and the soft maximum, composed of sums, squares and powers. */
import { type OptionsOf, readOptions, real } from "../core/options.ts";
import { noGrad } from "../core/recording.ts";
import { scope } from "../core/scope.ts";
import type { Tensor } from "../core/tensor.ts";
import { add } from "../particles/arithmetic/add.ts";
import { clamp } from "../particles/arithmetic/clamp.ts";
import { div } from "../particles/arithmetic/div.ts";
import { exp } from "../particles/arithmetic/exp.ts";
import { log } from "../particles/arithmetic/log.ts";
import { sqrt } from "../particles/arithmetic/sqrt.ts";
import { square } from "../particles/arithmetic/square.ts";
import { sub } from "../particles/arithmetic/sub.ts";
import { reshape } from "../particles/layout/reshape.ts";
import { type Axes, keepDimOption, type ReductionOptions, reducedCount } from "../particles/reduction/how/reduction.ts";
import { max } from "../particles/reduction/max.ts";
import { mean } from "../particles/reduction/mean.ts";
import { sum } from "../particles/reduction/sum.ts";

export interface VarianceOptions extends ReductionOptions {
  /**
   * The sum of squares is divided by n − correction: 1 (the default) estimates the variance of what was sampled, 0 is
   * that of the sample.
   */
  readonly correction?: number;
}

const varianceOptions: OptionsOf<Required<VarianceOptions>> = { correction: real(1), ...keepDimOption };

/**
 * The variance over `axes`: one axis, several, or all where none are given. That of a single element is NaN, as in
 * PyTorch.
 */
export function variance(input: Tensor, axes?: Axes, options?: VarianceOptions): Tensor {
  const { keepDim, correction } = readOptions("variance", options, varianceOptions);
  return scope(() => {
    const centred = sub(input, mean(input, axes, { keepDim: true }));
    const count = reducedCount(input.shape, axes);
    return div(sum(square(centred), axes, { keepDim }), Math.max(count - correction, 0));
  });
}

/** The standard deviation, the root of the `variance`. */
export function std(input: Tensor, axes?: Axes, options?: VarianceOptions): Tensor {
  const given = readOptions("std", options, varianceOptions);
  return scope(() => sqrt(variance(input, axes, given)));
}

/**
 * ln Σ e^x over `axes`, without overflow: the largest x is subtracted first. Nothing but −∞ gives −∞, and +∞ gives +∞.
 */
export function logSumExp(input: Tensor, axes?: Axes, options?: boolean | ReductionOptions): Tensor {
  const { keepDim } = readOptions("logSumExp", options, keepDimOption);
  return scope(() => {
    // An infinite maximum must not be subtracted from itself.
    const largest = noGrad(() => clamp(max(input, axes, { keepDim: true }), { min: -mostFinite, max: mostFinite }));
    const sums = sum(exp(sub(input, largest)), axes, { keepDim });
    return add(log(sums), reshape(largest, sums.shape));
  });
}

/** The largest finite float32. */
const mostFinite = (2 - 2 ** -23) * 2 ** 127;
