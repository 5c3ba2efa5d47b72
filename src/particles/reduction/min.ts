import { apply } from "../../core/apply.ts";
import type { Tensor } from "../../core/tensor.ts";
import { extremeParticle } from "./how/extremes.ts";
import { type Axes, type ReductionOptions, reductionAttributes } from "./how/reduction.ts";

export const minParticle = extremeParticle("min");

/**
 * The smallest element over `axes`: one axis, several, or all where none are given; negative axes count from the end. Reduced axes leave
 * the shape, or stay with size 1 under `keepDim`. NaN wins, and −0 is smaller than +0. Over one axis the first of equal minima takes the
 * gradient, over several or all they share it evenly, as in PyTorch.
 *
 * @throws ShapeError for an axis that is not there or named twice, and where there is no element.
 */
export function min(input: Tensor, axes?: Axes, options?: boolean | ReductionOptions): Tensor {
  return apply(minParticle, { input }, reductionAttributes("min", axes, options));
}
