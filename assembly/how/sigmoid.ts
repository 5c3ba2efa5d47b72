/** The logistic function σ(x) = 1 / (1 + e^−x) and what is multiplied by it, on four lanes; at most 1.5 ulp off. */
import {
  biasedPower, clampExponent, constant, expLowest, expTail, integerOf, ln2High, ln2Low, one, powerOf2, roundingBias, scale,
  signBit,
} from "./math";

const sigmoidHighest = memory.data<f32>([30]);
const negligiblePower = memory.data<i32>([100]);

/**
 * a / (1 + e^y), where e^y = 2ⁿ·e^(r + rest): a·2⁻ⁿ / (2⁻ⁿ + e^(r + rest)). Neither a large e^y overflows nor a small one is rounded
 * before it is added, and the last scaling alone can make the result denormal.
 */
// @ts-ignore: decorator
@inline
export function logistic(a: v128, r: v128, rest: v128, n: v128): v128 {
  const high = f32x4.add(constant(one), r);
  const low = f32x4.add(f32x4.sub(r, f32x4.sub(high, constant(one))), f32x4.add(expTail(r), rest));
  const power = powerOf2(i32x4.neg(i32x4.min_s(n, constant(negligiblePower)))); // 2⁻¹⁰⁰ no longer counts beside e^r
  const sum = f32x4.add(power, high);
  const part = f32x4.sub(sum, power);
  const lost = f32x4.add(f32x4.sub(power, f32x4.sub(sum, part)), f32x4.sub(high, part));
  return scale(f32x4.div(a, f32x4.add(sum, f32x4.add(lost, low))), i32x4.neg(n));
}

/** x cut back to where 1 / (1 + e^−x) is neither 1 nor 0, and beyond. */
// @ts-ignore: decorator
@inline
function clampLogistic(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, constant(sigmoidHighest)), constant(expLowest));
}

/** a / (1 + e^−x). */
// @ts-ignore: decorator
@inline
export function timesSigmoid(a: v128, x: v128): v128 {
  const y = f32x4.neg(clampLogistic(x));
  const biased = biasedPower(y);
  const n = f32x4.sub(biased, constant(roundingBias));
  const first = f32x4.sub(y, f32x4.mul(n, constant(ln2High)));
  const second = f32x4.mul(n, constant(ln2Low));
  const r = f32x4.sub(first, second);
  return logistic(a, r, f32x4.sub(f32x4.sub(first, r), second), integerOf(biased));
}

/** 1 / (1 + e^−x). */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  return timesSigmoid(constant(one), x);
}

/** NaN for −∞, else −0, which added changes nothing: PyTorch has NaN where −∞ meets a factor 0. */
// @ts-ignore: decorator
@inline
export function nanAtMinusInfinity(x: v128): v128 {
  return v128.or(v128.and(f32x4.lt(x, f32x4.splat(0)), f32x4.mul(x, f32x4.splat(0))), constant(signBit));
}

/** x / (1 + e^−x), NaN at −∞. */
// @ts-ignore: decorator
@inline
export function silu4(x: v128): v128 {
  return f32x4.add(timesSigmoid(f32x4.pmax(x, constant(expLowest)), x), nanAtMinusInfinity(x));
}

/** σ(x)·(1 + x·(1 − σ(x))), the derivative of x·σ(x). */
// @ts-ignore: decorator
@inline
export function siluSlope4(x: v128): v128 {
  const cut = clampExponent(x);
  const s = sigmoid4(cut);
  const slope = f32x4.mul(s, f32x4.add(constant(one), f32x4.mul(cut, f32x4.sub(constant(one), s))));
  return f32x4.add(slope, nanAtMinusInfinity(x));
}
