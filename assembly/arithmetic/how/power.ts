/** x^y on four lanes, computed in float64 two lanes at a time and rounded once: at most 0.51 ulp off. */
import {
  constant, denormalShift, exponentOf, fractionOf, half, infinity, joinHalves, minusInfinity, normalized, one, select, signBit,
  smallestNormal, upperHalf, wideConstant,
} from "../../how/math";
import { hornerWide, log2OfFraction, oneWide, roundingBiasWide } from "../../how/wide";

const exp2Terms = memory.data<f64>([
  0.0000013178925602654718, 0.000015309178795278105, 0.00015403825669268756, 0.001333345477794888, 0.009618128615574885,
  0.05550410935348393, 0.24022650698113932, 0.6931471805481937, 1,
]);
const wideHighest = memory.data<f64>([140]);
const wideLowest = memory.data<f64>([-160]);
const minusOne = memory.data<f32>([-1]);
const two = memory.data<f32>([2]);
const three = memory.data<f32>([3]);

/** 2^w for two lanes of float64, w already cut back to [−160, 140]; the result is rounded to float32. */
// @ts-ignore: decorator
@inline
function exp2OfWide(w: v128): v128 {
  const biased = f64x2.add(w, wideConstant(roundingBiasWide));
  const g = f64x2.sub(w, f64x2.sub(biased, wideConstant(roundingBiasWide)));
  let p = hornerWide(wideConstant(exp2Terms), g, exp2Terms, 1);
  p = hornerWide(p, g, exp2Terms, 2);
  p = hornerWide(p, g, exp2Terms, 3);
  p = hornerWide(p, g, exp2Terms, 4);
  p = hornerWide(p, g, exp2Terms, 5);
  p = hornerWide(p, g, exp2Terms, 6);
  p = hornerWide(p, g, exp2Terms, 7);
  p = hornerWide(p, g, exp2Terms, 8);
  return f32x4.demote_f64x2_zero(i64x2.add(p, i64x2.shl(biased, 52)));
}

/** 2^(y·(e + log2 m)) for two lanes. */
// @ts-ignore: decorator
@inline
function powOfParts(e: v128, m: v128, y: v128): v128 {
  const wide = f64x2.promote_low_f32x4(m);
  const logarithm = f64x2.add(f64x2.promote_low_f32x4(e), log2OfFraction(f64x2.sub(wide, wideConstant(oneWide)), f64x2.add(wide, wideConstant(oneWide))));
  const w = f64x2.mul(f64x2.promote_low_f32x4(y), logarithm);
  return exp2OfWide(f64x2.pmax(f64x2.pmin(w, wideConstant(wideHighest)), wideConstant(wideLowest)));
}

/**
 * x^y with the special values of the C standard: x⁰ = 1 and 1^y = 1 even for NaN, (−1)^±∞ = 1, and NaN for a negative x where y is
 * no integer. The exponents −1, ½, 2 and 3 give 1/x, √x, x·x and x·x·x, so that they round as these do, whether the exponent is one number
 * (binary.ts) or a lane of many.
 */
// @ts-ignore: decorator
@inline
export function pow4(x: v128, y: v128): v128 {
  const zero = f32x4.splat(0);
  const magnitude = f32x4.abs(x);
  const denormal = f32x4.lt(magnitude, constant(smallestNormal));
  const normal = normalized(magnitude, denormal);
  const exponent = exponentOf(normal);
  const m = fractionOf(normal, exponent);
  let e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(denormal, constant(denormalShift)));
  e = select(f32x4.lt(magnitude, constant(infinity)), e, magnitude); // +∞ and NaN
  e = select(f32x4.eq(x, zero), constant(minusInfinity), e);
  const size = joinHalves(powOfParts(e, m, y), powOfParts(upperHalf(e), upperHalf(m), upperHalf(y)));

  const halfOfY = f32x4.mul(y, constant(half));
  const isInteger = f32x4.eq(f32x4.nearest(y), y);
  const isOdd = v128.andnot(isInteger, f32x4.eq(f32x4.nearest(halfOfY), halfOfY));
  let value = select(v128.or(f32x4.eq(y, zero), f32x4.eq(magnitude, constant(one))), constant(one), size);
  value = v128.xor(value, v128.and(v128.and(x, isOdd), constant(signBit)));
  const finiteNegative = v128.and(f32x4.lt(x, zero), f32x4.gt(x, constant(minusInfinity)));
  value = v128.or(value, v128.andnot(finiteNegative, isInteger));

  const square = f32x4.mul(x, x);
  value = select(f32x4.eq(y, constant(two)), square, value);
  value = select(f32x4.eq(y, constant(three)), f32x4.mul(square, x), value);
  value = select(f32x4.eq(y, constant(half)), f32x4.sqrt(x), value);
  return select(f32x4.eq(y, constant(minusOne)), f32x4.div(constant(one), x), value);
}

/** x^−½ for two lanes, rounded once; 0 at −∞ as in C. */
// @ts-ignore: decorator
@inline
function inverseRootOfHalf(x: v128): v128 {
  const root = f64x2.sqrt(f64x2.promote_low_f32x4(x));
  return f32x4.demote_f64x2_zero(f64x2.div(wideConstant(oneWide), root));
}

/** The slope of √x but for ½. */
// @ts-ignore: decorator
@inline
export function inverseRoot4(x: v128): v128 {
  const at = select(f32x4.eq(x, constant(minusInfinity)), constant(infinity), f32x4.add(x, f32x4.splat(0))); // −0 counts as 0
  return joinHalves(inverseRootOfHalf(at), inverseRootOfHalf(upperHalf(at)));
}

// @ts-ignore: decorator
@inline
function inverseSquareOfHalf(x: v128): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  return f32x4.demote_f64x2_zero(f64x2.div(wideConstant(oneWide), f64x2.mul(wide, wide)));
}

/** x^−2, rounded once. */
// @ts-ignore: decorator
@inline
export function inverseSquare4(x: v128): v128 {
  return joinHalves(inverseSquareOfHalf(x), inverseSquareOfHalf(upperHalf(x)));
}
