/** Other ways to ask for arithmetic and conversions. */
import type { Operand } from "../core/apply.ts";
import type { DType } from "../core/dtype.ts";
import type { Tensor } from "../core/tensor.ts";
import { DtypeError } from "../errors.ts";
import { sub } from "../particles/arithmetic/sub.ts";
import { byte } from "../particles/layout/byte.ts";
import { float } from "../particles/layout/float.ts";
import { int } from "../particles/layout/int.ts";

/** `other − input`: `x.rsub(1)` is 1 − x. */
export function rsub(input: Operand, other: Operand): Tensor {
  return sub(other, input);
}

/** The same numbers in another dtype, by float, int or byte; the tensor itself where it has that dtype already. */
export function to(input: Tensor, dtype: DType): Tensor {
  if (dtype === "float32") return float(input);
  if (dtype === "int32") return int(input);
  if (dtype === "uint8") return byte(input);
  throw new DtypeError(`to: dtype "${dtype}" is not known; use "float32", "int32" or "uint8"`);
}
