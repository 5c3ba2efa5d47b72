import type { DType } from "../../../core/dtype.ts";
import type { Block } from "../../../core/particle.ts";
import { show } from "../../../core/shape.ts";
import { DtypeError } from "../../../errors.ts";

/** Refuses to convert what has the dtype already. */
export function differentDtype(op: string, input: Block, dtype: DType): void {
  if (input.dtype !== dtype) return;
  throw new DtypeError(
    `${op}: the input is ${dtype} already, so there is nothing to convert to ${dtype} (input ${show(input.shape)}); use it as it is, or div`,
  );
}
