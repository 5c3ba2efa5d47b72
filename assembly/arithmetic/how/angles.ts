/** Sines, cosines and the angle of a point, on two lanes of float64, for arguments that are float32 numbers. */
import { select, wideConstant } from "../../how/math";
import { hornerWide, oneWide, roundingBiasWide, signBitWide } from "../../how/wide";

const twoOverPi = memory.data<f64>([0.6366197723675814]);
/** π/2 in two parts. The first has 33 bits, so that its products with integers below 2²⁰ are exact. */
const halfPiHigh = memory.data<f64>([1.5707963267341256]);
const halfPiLow = memory.data<f64>([6.077100506506192e-11]);

const sinTerms = memory.data<f64>([
  0.0000027183079435947675, -0.00019839334467930403, 0.00833332938476073, -0.16666666641616926,
]);
const cosTerms = memory.data<f64>([
  0.00002439040983341999, -0.0013886763370579147, 0.04166662331135301, -0.4999999972499813,
]);

/** The number of quarter turns nearest to x, in the low bits. */
// @ts-ignore: decorator
@inline
function biasedQuarters(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, wideConstant(twoOverPi)), wideConstant(roundingBiasWide));
}

/** x less so many quarter turns: between −π/4 and π/4. */
// @ts-ignore: decorator
@inline
function withoutQuarters(x: v128, biased: v128): v128 {
  const n = f64x2.sub(biased, wideConstant(roundingBiasWide));
  return f64x2.sub(f64x2.sub(x, f64x2.mul(n, wideConstant(halfPiHigh))), f64x2.mul(n, wideConstant(halfPiLow)));
}

/** sin r for |r| ≤ π/4. */
// @ts-ignore: decorator
@inline
function sinNear0(r: v128): v128 {
  const square = f64x2.mul(r, r);
  let p = hornerWide(wideConstant(sinTerms), square, sinTerms, 1);
  p = hornerWide(p, square, sinTerms, 2);
  p = hornerWide(p, square, sinTerms, 3);
  return f64x2.mul(r, f64x2.add(wideConstant(oneWide), f64x2.mul(square, p)));
}

/** cos r for |r| ≤ π/4. */
// @ts-ignore: decorator
@inline
function cosNear0(r: v128): v128 {
  const square = f64x2.mul(r, r);
  let p = hornerWide(wideConstant(cosTerms), square, cosTerms, 1);
  p = hornerWide(p, square, cosTerms, 2);
  p = hornerWide(p, square, cosTerms, 3);
  return f64x2.add(wideConstant(oneWide), f64x2.mul(square, p));
}

/** All ones where quarter turn number `quarters` (an integer) exchanges sine and cosine. */
// @ts-ignore: decorator
@inline
function odd(quarters: v128): v128 {
  return i64x2.shr_s(i64x2.shl(quarters, 63), 63);
}

/** The sign bit after so many quarter turns: that of every second pair. */
// @ts-ignore: decorator
@inline
function turned(quarters: v128): v128 {
  return v128.and(i64x2.shl(quarters, 62), wideConstant(signBitWide));
}

const largest = memory.data<f64>([1000000]);

/** Whether a lane is so large that π/2 in two parts does not have the digits to reduce it. */
// @ts-ignore: decorator
@inline
function anyLarge(x: v128): bool {
  return v128.any_true(f64x2.gt(f64x2.abs(x), wideConstant(largest)));
}

/** sin (x + quarters·π/2). */
// @ts-ignore: decorator
@inline
function sinTurned(x: v128, quarters: i64): v128 {
  let more = i64x2.splat(quarters);
  if (anyLarge(x)) {
    more = i64x2.add(more, quartersOfLarge(x));
    x = restOfLarge(x);
  }
  const biased = biasedQuarters(x);
  const r = withoutQuarters(x, biased);
  const turns = i64x2.add(biased, more);
  return v128.xor(select(odd(turns), cosNear0(r), sinNear0(r)), turned(turns));
}

// @ts-ignore: decorator
@inline
export function sinWide(x: v128): v128 {
  return sinTurned(x, 0);
}

// @ts-ignore: decorator
@inline
export function cosWide(x: v128): v128 {
  return sinTurned(x, 1);
}

/** sin x / cos x, or −cos x / sin x after an odd number of quarter turns. */
// @ts-ignore: decorator
@inline
export function tanWide(x: v128): v128 {
  let more = i64x2.splat(0);
  if (anyLarge(x)) {
    more = quartersOfLarge(x);
    x = restOfLarge(x);
  }
  const biased = biasedQuarters(x);
  const r = withoutQuarters(x, biased);
  const exchanged = odd(i64x2.add(biased, more));
  const sin = sinNear0(r);
  const cos = cosNear0(r);
  const below = select(exchanged, sin, cos);
  return f64x2.div(select(exchanged, cos, sin), v128.xor(below, v128.and(exchanged, wideConstant(signBitWide))));
}

/** The bits of 2/π after the point, behind 32 zeros. */
const twoOverPiBits = memory.data<u32>([
  0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
]);

/** 32 of those bits from bit `from` on. */
function bitsFrom(from: u32): u64 {
  const place = twoOverPiBits + ((<usize>from >> 5) << 2);
  const pair = ((<u64>load<u32>(place)) << 32) | <u64>load<u32>(place, 4);
  return (pair >> (32 - (from & 31))) & 0xffffffff;
}

/**
 * |x|·2/π modulo 4 as a fraction of 2⁶⁴, by the method of Payne and Hanek: the bits of 2/π whose products with x are multiples of 4 are
 * left out, and 96 of those that follow are enough. x is a finite float32 of at least 2¹⁹.
 */
function turnsOfLarge(x: f64): u64 {
  const bits = reinterpret<u32>(<f32>abs(x));
  const mantissa = <u64>((bits & 0x7fffff) | 0x800000);
  const from = (bits >> 23) - 150 + 30; // x = mantissa·2^(exponent − 150)
  return ((mantissa * bitsFrom(from)) << 32) + mantissa * bitsFrom(from + 32) + ((mantissa * bitsFrom(from + 64)) >> 32);
}

/** The quarter turns of one number, and none where it is not large. */
function quarterOf(x: f64): i64 {
  if (!(abs(x) > 1000000) || !isFinite(x)) return 0;
  const quarters = <i64>((turnsOfLarge(x) + (1 << 61)) >> 62);
  return x < 0 ? -quarters : quarters;
}

function restOf(x: f64): f64 {
  if (!(abs(x) > 1000000)) return x;
  if (!isFinite(x)) return NaN;
  const turns = turnsOfLarge(x);
  const rest = <f64>(<i64>(turns - (((turns + (1 << 61)) >> 62) << 62))) * 3.4061215800304844e-19; // π/2 / 2⁶²
  return x < 0 ? -rest : rest;
}

function quartersOfLarge(x: v128): v128 {
  return i64x2.replace_lane(i64x2.splat(quarterOf(f64x2.extract_lane(x, 0))), 1, quarterOf(f64x2.extract_lane(x, 1)));
}

function restOfLarge(x: v128): v128 {
  return f64x2.replace_lane(f64x2.splat(restOf(f64x2.extract_lane(x, 0))), 1, restOf(f64x2.extract_lane(x, 1)));
}

const tanEighthPi = memory.data<f64>([0.41421356237309503]);
const quarterPi = memory.data<f64>([0.7853981633974483]);
const halfPi = memory.data<f64>([1.5707963267948966]);
const pi = memory.data<f64>([3.141592653589793]);
/** Beyond every float32 and far from the end of float64: ∞ in its place gives the limits that the C standard wants. */
const huge = memory.data<f64>([1e90]);
const atanTerms = memory.data<f64>([
  0.047478440203958985, -0.0847820683510494, 0.11045059557704993, -0.14282039473166214, 0.19999905101098467,
  -0.3333333251370602,
]);

/**
 * The angle of the point (x, y), from −π to π, with the special values of C's atan2. By symmetry it lies in the first octant, and beyond
 * π/8 it is turned back by π/4: tan(a − π/4) = (tan a − 1)/(tan a + 1).
 */
// @ts-ignore: decorator
@inline
export function angleWide(y: v128, x: v128): v128 {
  const width = f64x2.pmin(f64x2.abs(x), wideConstant(huge));
  const height = f64x2.pmin(f64x2.abs(y), wideConstant(huge));
  const steep = f64x2.gt(height, width);
  const long = select(steep, height, width);
  const short = select(steep, width, height);
  const far = f64x2.gt(short, f64x2.mul(long, wideConstant(tanEighthPi)));
  const above = select(far, f64x2.sub(short, long), short);
  const below = select(far, f64x2.add(short, long), long);
  const t = f64x2.div(above, select(f64x2.eq(below, f64x2.splat(0)), wideConstant(oneWide), below));
  const square = f64x2.mul(t, t);
  let p = hornerWide(wideConstant(atanTerms), square, atanTerms, 1);
  p = hornerWide(p, square, atanTerms, 2);
  p = hornerWide(p, square, atanTerms, 3);
  p = hornerWide(p, square, atanTerms, 4);
  p = hornerWide(p, square, atanTerms, 5);
  let angle = f64x2.add(t, f64x2.mul(t, f64x2.mul(square, p)));
  angle = f64x2.add(angle, v128.and(far, wideConstant(quarterPi)));
  angle = select(steep, f64x2.sub(wideConstant(halfPi), angle), angle);
  // The sign bit of x, not x < 0: the angle of (−0, 0) is π.
  angle = select(i64x2.shr_s(x, 63), f64x2.sub(wideConstant(pi), angle), angle);
  return v128.bitselect(y, angle, wideConstant(signBitWide));
}

/** √(1 − x²), NaN where |x| > 1. */
// @ts-ignore: decorator
@inline
export function cathetusWide(x: v128): v128 {
  const one = wideConstant(oneWide);
  return f64x2.sqrt(f64x2.mul(f64x2.sub(one, x), f64x2.add(one, x)));
}
