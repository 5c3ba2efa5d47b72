import { apply } from "../../core/apply.ts";
import { readOptions } from "../../core/options.ts";
import type { Tensor } from "../../core/tensor.ts";
import { extremePlaceParticle, type PlaceOptions } from "./how/extremePlaces.ts";
import { keepDimOption } from "./how/reduction.ts";

export const argmaxParticle = extremePlaceParticle("argmax");

/**
 * The place of the largest element along `axis`, as int32; in the flattened tensor where no axis is given. Of equal maxima the first
 * one counts, of NaNs the first NaN. The axis leaves the shape, or stays with size 1 under `keepDim`. No gradient flows.
 *
 * @throws ShapeError for an axis that is not there, and where there is no element.
 */
export function argmax(input: Tensor, axis?: number, options?: boolean | PlaceOptions): Tensor {
  const { keepDim } = readOptions("argmax", options, keepDimOption);
  return apply(argmaxParticle, { input }, { axis, keepDim });
}
