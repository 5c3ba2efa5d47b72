/**
 * Functions of one element computed in float64, two lanes at a time, and rounded once: at most 0.51 ulp off. Their argument is
 * reduced, and what cancels is subtracted, where there are digits to spare.
 */
import { joinHalves, select, upperHalf, wideConstant } from "./math";

/** op.wide on four lanes, where an Op is as in loops.ts. */
// @ts-ignore: decorator
@inline
export function widened<Op>(x: v128): v128 {
  const op = changetype<Op>(0);
  // @ts-ignore: every such Op has this method
  const low: v128 = f32x4.demote_f64x2_zero(op.wide(f64x2.promote_low_f32x4(x)));
  // @ts-ignore
  const high: v128 = f32x4.demote_f64x2_zero(op.wide(f64x2.promote_low_f32x4(upperHalf(x))));
  return joinHalves(low, high);
}

/** The same for two arguments. */
// @ts-ignore: decorator
@inline
export function widened2<Op>(x: v128, y: v128): v128 {
  const op = changetype<Op>(0);
  // @ts-ignore: every such Op has this method
  const low: v128 = f32x4.demote_f64x2_zero(op.wide(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)));
  const upper = f64x2.promote_low_f32x4(upperHalf(x));
  // @ts-ignore
  const high: v128 = f32x4.demote_f64x2_zero(op.wide(upper, f64x2.promote_low_f32x4(upperHalf(y))));
  return joinHalves(low, high);
}

export const oneWide = memory.data<f64>([1]);
export const signBitWide = memory.data<f64>([-0.0]);
/** 1.5·2⁵²: added to a small number it leaves that number, rounded to an integer, in the low bits. */
export const roundingBiasWide = memory.data<f64>([6755399441055744]);

/** sum·x + coefficient: one step of Horner's scheme. */
// @ts-ignore: decorator
@inline
export function hornerWide(sum: v128, x: v128, table: usize, index: usize): v128 {
  return f64x2.add(f64x2.mul(sum, x), wideConstant(table, index));
}

const log2Terms = memory.data<f64>([
  0.2828996730471177, 0.3199057808322627, 0.41220924880811466, 0.5770779424188849, 0.9617966941131593, 2.8853900817778486,
]);

/** log2 m for √½ ≤ m < √2, given m − 1 and m + 1: with s their quotient, ln m = 2·(s + s³/3 + s⁵/5 + …). */
// @ts-ignore: decorator
@inline
export function log2OfFraction(less1: v128, plus1: v128): v128 {
  const s = f64x2.div(less1, plus1);
  const square = f64x2.mul(s, s);
  let p = hornerWide(wideConstant(log2Terms), square, log2Terms, 1);
  p = hornerWide(p, square, log2Terms, 2);
  p = hornerWide(p, square, log2Terms, 3);
  p = hornerWide(p, square, log2Terms, 4);
  p = hornerWide(p, square, log2Terms, 5);
  return f64x2.mul(p, s);
}

const sqrtHalfBitsWide = memory.data<i64>([0x3fe6a09e667f3bcd]);
const infinityWide = memory.data<f64>([Infinity]);
const minusInfinityWide = memory.data<f64>([-Infinity]);

/**
 * log2 of 1 + d, where `sum` is 1 + d rounded. Near 1 d itself counts, so that no digit of it is lost. −∞ at 0, NaN below, +∞ at +∞.
 */
// @ts-ignore: decorator
@inline
export function log2OfSum(sum: v128, d: v128): v128 {
  const zero = f64x2.splat(0);
  const one = wideConstant(oneWide);
  const exponent = i64x2.shr_s(i64x2.sub(sum, wideConstant(sqrtHalfBitsWide)), 52);
  const fraction = i64x2.sub(sum, i64x2.shl(exponent, 52));
  const e = f64x2.sub(i64x2.add(exponent, wideConstant(roundingBiasWide)), wideConstant(roundingBiasWide));
  const less1 = select(f64x2.eq(e, zero), d, f64x2.sub(fraction, one));
  const value = f64x2.add(e, log2OfFraction(less1, f64x2.add(less1, f64x2.add(one, one))));
  const finite = select(f64x2.lt(sum, wideConstant(infinityWide)), value, sum);
  const positive = select(f64x2.eq(sum, zero), wideConstant(minusInfinityWide), finite);
  return v128.or(positive, f64x2.lt(sum, zero));
}

const expHighestWide = memory.data<f64>([100]);
const expLowestWide = memory.data<f64>([-120]);
const log2EWide = memory.data<f64>([1.4426950408889634]);
const ln2Wide = memory.data<f64>([0.6931471805599453]);
const expMinus1Terms = memory.data<f64>([
  0.00019914170464753285, 0.001394100836243084, 0.008333273048788732, 0.041666354662658334, 0.16666666817084771,
  0.5000000046414097,
]);

/** e^x − 1 with all its digits near 0: 2ⁿ − 1 + 2ⁿ·(e^r − 1), where x = n·ln 2 + r. */
// @ts-ignore: decorator
@inline
export function expMinus1Wide(x: v128): v128 {
  const cut = f64x2.pmax(f64x2.pmin(x, wideConstant(expHighestWide)), wideConstant(expLowestWide));
  const biased = f64x2.add(f64x2.mul(cut, wideConstant(log2EWide)), wideConstant(roundingBiasWide));
  const n = f64x2.sub(biased, wideConstant(roundingBiasWide));
  const r = f64x2.sub(cut, f64x2.mul(n, wideConstant(ln2Wide)));
  let p = hornerWide(wideConstant(expMinus1Terms), r, expMinus1Terms, 1);
  p = hornerWide(p, r, expMinus1Terms, 2);
  p = hornerWide(p, r, expMinus1Terms, 3);
  p = hornerWide(p, r, expMinus1Terms, 4);
  p = hornerWide(p, r, expMinus1Terms, 5);
  const power = i64x2.add(wideConstant(oneWide), i64x2.shl(biased, 52)); // 2ⁿ: n lies in the low bits
  const small = f64x2.add(r, f64x2.mul(f64x2.mul(r, r), p));
  return f64x2.add(f64x2.sub(power, wideConstant(oneWide)), f64x2.mul(power, small));
}
