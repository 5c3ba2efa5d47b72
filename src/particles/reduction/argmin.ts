import { apply } from "../../core/apply.ts";
import { readOptions } from "../../core/options.ts";
import type { Tensor } from "../../core/tensor.ts";
import { extremePlaceParticle, type PlaceOptions } from "./how/extremePlaces.ts";
import { keepDimOption } from "./how/reduction.ts";

export const argminParticle = extremePlaceParticle("argmin");

/**
 * The place of the smallest element along `axis`, as int32; in the flattened tensor where no axis is given. Of equal minima the first
 * one counts, of NaNs the first NaN. The axis leaves the shape, or stays with size 1 under `keepDim`. No gradient flows.
 *
 * @throws ShapeError for an axis that is not there, and where there is no element.
 */
export function argmin(input: Tensor, axis?: number, options?: boolean | PlaceOptions): Tensor {
  const { keepDim } = readOptions("argmin", options, keepDimOption);
  return apply(argminParticle, { input }, { axis, keepDim });
}
