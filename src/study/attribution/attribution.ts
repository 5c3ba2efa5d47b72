/** Which numbers of the input a score comes from: what follows from gradients. */
import { sameShape, show } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ShapeError } from "../../errors.ts";
import type { Module } from "../../nn/module.ts";
import { gradientOf, scoresOf, type Target, tensorOf } from "./scores.ts";

export interface PathOptions {
  /** Where the path begins, of the input's shape; zeros by default. */
  readonly baseline?: Tensor;
}

export interface IntegratedGradientsOptions extends PathOptions {
  /** In how many pieces the path is cut; 64 by default. */
  readonly steps?: number;
}

/** How well an attribution of one input adds up. */
export interface Completeness {
  /** The sum of the attribution. */
  readonly sum: number;
  /** The score at the input less the score at the baseline: what the sum should be. */
  readonly difference: number;
  /** |sum − difference| / |difference|. */
  readonly error: number;
}

/**
 * |∂score/∂x| for each number of the input: how much the score moves if that number does (Simonyan et al., 2013). The
 * model is asked in evaluation mode; its parameters and their gradients stay as they are. This holds for every
 * attribution.
 *
 * @throws ShapeError where the model does not give [N, classes] or the target is none of the classes.
 */
export function saliency(model: Module, input: Tensor, target: Target): Tensor {
  return tensorOf(input.shape, gradientOf("saliency", model, input, target).map(Math.abs));
}

/** x · ∂score/∂x for each number of the input. For a linear model these are the exact contributions. */
export function gradientTimesInput(model: Module, input: Tensor, target: Target): Tensor {
  const gradient = gradientOf("gradientTimesInput", model, input, target);
  const numbers = input.data;
  return tensorOf(
    input.shape,
    gradient.map((slope, index) => slope * numbers[index]!),
  );
}

/**
 * (x − x₀) · ∫ ∂score/∂x along the straight path from the baseline x₀ to x (Sundararajan et al., 2017), by the midpoint
 * rule. What all numbers of an input get adds up to the difference that it makes to the score; `completeness` tells how
 * exactly.
 */
export function integratedGradients(
  model: Module,
  input: Tensor,
  target: Target,
  { baseline, steps = 64 }: IntegratedGradientsOptions = {},
): Tensor {
  checkBaseline("integratedGradients", input, baseline);
  if (!Number.isInteger(steps) || steps < 1) {
    throw new ShapeError(`integratedGradients: steps must be a whole number of at least 1, got ${steps}`);
  }
  const from = Float64Array.from(baseline?.data ?? new Float32Array(input.size));
  const way = Float64Array.from(input.data, (end, index) => end - from[index]!);
  const total = new Float64Array(input.size);
  for (let step = 0; step < steps; step++) {
    const share = (step + 0.5) / steps;
    using point = tensorOf(
      input.shape,
      from.map((start, index) => start + share * way[index]!),
    );
    const slopes = gradientOf("integratedGradients", model, point, target);
    for (let index = 0; index < total.length; index++) total[index]! += slopes[index]!;
  }
  return tensorOf(
    input.shape,
    total.map((sum, index) => (way[index]! * sum) / steps),
  );
}

/**
 * For each input, what its attribution adds up to beside the difference of the scores at the input and at the baseline.
 */
export function completeness(
  model: Module,
  input: Tensor,
  target: Target,
  attribution: Tensor,
  { baseline }: PathOptions = {},
): Completeness[] {
  checkBaseline("completeness", input, baseline);
  const ends = scoresOf("completeness", model, input, target);
  using start = baseline ? baseline.detach() : tensorOf(input.shape, new Float32Array(input.size));
  const starts = scoresOf("completeness", model, start, target);
  const { data } = attribution;
  const size = attribution.size / ends.length;
  return Array.from(ends, (end, index) => {
    const difference = end - starts[index]!;
    let sum = 0;
    for (let at = index * size; at < (index + 1) * size; at++) sum += data[at]!;
    const missing = Math.abs(sum - difference);
    return { sum, difference, error: missing === 0 ? 0 : missing / Math.abs(difference) };
  });
}

function checkBaseline(op: string, input: Tensor, baseline: Tensor | undefined): void {
  if (!baseline || sameShape(input.shape, baseline.shape)) return;
  throw new ShapeError(
    `${op}: the baseline must have the shape of the input (input ${show(input.shape)}, baseline ${show(baseline.shape)})`,
  );
}
