import { empty } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";

/** The same numbers in a block of their own, with no history and no gradient. */
export function copyOf(tensor: Tensor): Tensor {
  const copy = empty(tensor.shape, { dtype: tensor.dtype });
  copy.data.set(tensor.data);
  return copy;
}
