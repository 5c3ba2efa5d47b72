/** Activations that are compositions of others. */
import { type OptionsOf, readOptions, real } from "../core/options.ts";
import { scope } from "../core/scope.ts";
import type { Tensor } from "../core/tensor.ts";
import { tanh } from "../particles/activation/tanh.ts";
import { clamp } from "../particles/arithmetic/clamp.ts";
import { neg } from "../particles/arithmetic/neg.ts";
import { sub } from "../particles/arithmetic/sub.ts";
import { softmax } from "../particles/reduction/softmax.ts";

export interface HardtanhOptions {
  readonly minVal: number;
  readonly maxVal: number;
}

/** What `hardtanh` takes. */
export const hardtanhOptions: OptionsOf<HardtanhOptions> = { minVal: real(-1), maxVal: real(1) };

/** min(max(x, `minVal`), `maxVal`), −1 and 1 by default: `clamp`. The derivative at the bounds is 0. */
export function hardtanh(input: Tensor, options?: Partial<HardtanhOptions>): Tensor {
  const { minVal, maxVal } = readOptions<HardtanhOptions>("hardtanh", options, hardtanhOptions);
  return clamp(input, { min: minVal, max: maxVal });
}

/** min(max(x, 0), 6): `clamp`. The derivative at 0 and 6 is 0. */
export function relu6(input: Tensor): Tensor {
  return clamp(input, { min: 0, max: 6 });
}

/** x − tanh x, in two passes over memory. */
export function tanhshrink(input: Tensor): Tensor {
  return scope(() => sub(input, tanh(input)));
}

/** softmax(−x) along `axis`: the smallest element gets the largest share. */
export function softmin(input: Tensor, axis: number): Tensor {
  return scope(() => softmax(neg(input), axis));
}
