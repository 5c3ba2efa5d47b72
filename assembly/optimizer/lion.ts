import { madd } from "../how/simd";
import { averaged } from "./how/descent";

/**
 * Lion:
 *
 *     g = sign·g
 *     d = β₁·m + (1 − β₁)·g
 *     p = shrink·p − learningRate·(d > 0 ? 1 : d < 0 ? −1 : d)
 *     m = β₂·m + (1 − β₂)·g
 *
 * where shrink is 1 − learningRate·weightDecay.
 */
export function lionStep(
  parameter: usize, grad: usize, average: usize,
  learningRate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, shrink: f32, sign: f32,
  from: u32, to: u32,
): void {
  const signBits = i32x4.splat(<i32>0x80000000);
  const none = f32x4.splat(0);
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const g = f32x4.mul(v128.load(grad + at), f32x4.splat(sign));
    const d = madd(g, f32x4.splat(rest1), f32x4.mul(v128.load(average + at), f32x4.splat(beta1)));
    const unit = v128.or(f32x4.splat(1), v128.and(d, signBits));
    const moves = v128.or(f32x4.lt(d, none), f32x4.gt(d, none));
    const p = f32x4.mul(v128.load(parameter + at), f32x4.splat(shrink));
    // Neither above nor below 0: 0 itself, or a NaN that stays.
    v128.store(parameter + at, madd(v128.bitselect(unit, d, moves), f32x4.splat(-learningRate), p));
    averaged(average + at, g, beta2, rest2);
  }
}
