/**
 * What all the optimisers' kernels share. Each of them is one pass, in place: it reads a parameter, its gradient and its state, and writes
 * parameter and state. Together with `addInto` they are the only kernels that change a tensor where it lies. All work on whole vectors
 * of four elements [from, to), so they may touch the padding behind the tensor; gradient, parameter and state are separate blocks.
 *
 * The order of the operations is PyTorch's, element by element; only its fused multiply–adds are two roundings here.
 */
import { madd } from "../../how/simd";

/** sign·g + weightDecay·p: the gradient to descend along. To climb instead, hand in `sign` −1. */
// @ts-ignore: decorator
@inline
export function descent(grad: usize, p: v128, sign: f32, weightDecay: f32): v128 {
  const g = f32x4.mul(v128.load(grad), f32x4.splat(sign));
  return weightDecay != 0 ? madd(p, f32x4.splat(weightDecay), g) : g;
}

/** kept·average + rest·g, stored where the average lies. */
// @ts-ignore: decorator
@inline
export function averaged(average: usize, g: v128, kept: f32, rest: f32): v128 {
  const m = madd(g, f32x4.splat(rest), f32x4.mul(v128.load(average), f32x4.splat(kept)));
  v128.store(average, m);
  return m;
}

/** kept·average + rest·g·g, stored where the average lies. */
// @ts-ignore: decorator
@inline
export function averagedSquare(average: usize, g: v128, kept: f32, rest: f32): v128 {
  const v = madd(f32x4.mul(f32x4.splat(rest), g), g, f32x4.mul(v128.load(average), f32x4.splat(kept)));
  v128.store(average, v);
  return v;
}
