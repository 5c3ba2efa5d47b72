/**
 * Transcendental functions on four float32 lanes, as polynomials, so that every machine gives the same bits. Each reduces its
 * argument to a short interval, evaluates a polynomial that is fitted to the smallest largest relative error there
 * and undoes the reduction. Where a sum 1 + r loses digits of r, they are taken along.
 *
 *   function     reduction                                   polynomial in         largest error
 *   exp          x = n·ln 2 + r, |r| ≤ ½ ln 2                r, degree 6           0.75 ulp
 *   log          x = 2ᵉ·(1 + f), √½ ≤ 1 + f < √2             f, degree 11          0.80 ulp
 *   tanh         |x| < 0.625, beyond it by exp               x², degree 4          1.35 ulp
 *   erf          |x| ≤ 1, beyond it 1 − exp(−p(|x|))         x², degree 6          1.10 ulp
 *
 * sigmoid.ts, normal.ts and power.ts build on it.
 *
 * NaN passes through all of them: in `pmin(x, c)` and `pmax(x, c)`, which are `c < x ? c : x` and `x < c ? c : x`, a NaN in the
 * first operand stays. Denormals are arguments and results like any other numbers.
 */

/**
 * Constants lie in memory: V8 builds a constant vector anew at each use, in three instructions, and loads a number into all lanes
 * in one. It makes these functions faster by a fifth.
 */
export const one = memory.data<f32>([1]);
export const half = memory.data<f32>([0.5]);

/** 1.5·2²³: added to a small number it leaves that number, rounded to an integer, in the low bits. */
export const roundingBias = memory.data<f32>([12582912]);
const roundingBits = memory.data<i32>([0x4b400000]);
const exponentBias = memory.data<i32>([127]);
export const signBit = memory.data<i32>([<i32>0x80000000]);
export const smallestNormal = memory.data<f32>([1.17549435e-38]);
export const infinity = memory.data<f32>([Infinity]);
export const minusInfinity = memory.data<f32>([-Infinity]);

/** ln 2 in two parts. The first has 16 bits, so that its products with integers below 256 are exact. */
export const ln2High = memory.data<f32>([0.693145751953125]);
export const ln2Low = memory.data<f32>([1.42860677e-6]);
const log2E = memory.data<f32>([1.44269504]);

/** `a` where the mask is set, `b` elsewhere. */
// @ts-ignore: decorator
@inline
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

/** Number `index` of a table, in all lanes. */
// @ts-ignore: decorator
@inline
export function constant(table: usize, index: usize = 0): v128 {
  return v128.load32_splat(table + (index << 2));
}

/** Number `index` of a table of float64, in both lanes. */
// @ts-ignore: decorator
@inline
export function wideConstant(table: usize, index: usize = 0): v128 {
  return v128.load64_splat(table + (index << 3));
}

/** sum·x + coefficient: one step of Horner's scheme. */
// @ts-ignore: decorator
@inline
export function horner(sum: v128, x: v128, table: usize, index: usize): v128 {
  return f32x4.add(f32x4.mul(sum, x), constant(table, index));
}

const expHighest = memory.data<f32>([89.5]);
export const expLowest = memory.data<f32>([-112]);

/** x cut back to where e^x is neither 0 nor infinite, and a little beyond. */
// @ts-ignore: decorator
@inline
export function clampExponent(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, constant(expHighest)), constant(expLowest));
}

/** n + 1.5·2²³, where n is the integer nearest to x / ln 2. */
// @ts-ignore: decorator
@inline
export function biasedPower(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, constant(log2E)), constant(roundingBias));
}

/** 2ⁿ for −127 < n < 128. */
// @ts-ignore: decorator
@inline
export function powerOf2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, constant(exponentBias)), 23);
}

/** The n of a biased power, as an integer. */
// @ts-ignore: decorator
@inline
export function integerOf(biased: v128): v128 {
  return i32x4.sub(biased, constant(roundingBits));
}

/** v·2ⁿ in two steps, so that 2ⁿ itself may be out of range, and a denormal result is rounded only once. */
// @ts-ignore: decorator
@inline
export function scale(v: v128, n: v128): v128 {
  const half = i32x4.shr_s(n, 1);
  return f32x4.mul(f32x4.mul(v, powerOf2(half)), powerOf2(i32x4.sub(n, half)));
}

const expTerms = memory.data<f32>([0.00138637647, 0.00836750008, 0.0416672379, 0.166665345, 0.5]);

/** e^r − 1 − r for |r| ≤ ½ ln 2. */
// @ts-ignore: decorator
@inline
export function expTail(r: v128): v128 {
  let p = horner(constant(expTerms), r, expTerms, 1);
  p = horner(p, r, expTerms, 2);
  p = horner(p, r, expTerms, 3);
  p = horner(p, r, expTerms, 4);
  return f32x4.mul(f32x4.mul(r, r), p);
}

/** e^(r + rest) for a small rest: what 1 + r loses in rounding is added with the tail. */
// @ts-ignore: decorator
@inline
function expSum(r: v128, rest: v128): v128 {
  const high = f32x4.add(constant(one), r);
  const low = f32x4.sub(r, f32x4.sub(high, constant(one)));
  return f32x4.add(high, f32x4.add(low, f32x4.add(expTail(r), rest)));
}

/** e^(x − n·ln 2), between √½ and √2. */
// @ts-ignore: decorator
@inline
export function expFraction(x: v128, biased: v128): v128 {
  const n = f32x4.sub(biased, constant(roundingBias));
  const first = f32x4.sub(x, f32x4.mul(n, constant(ln2High))); // exact
  const second = f32x4.mul(n, constant(ln2Low));
  const r = f32x4.sub(first, second);
  return expSum(r, f32x4.sub(f32x4.sub(first, r), second));
}

/** e^(high + low − n·ln 2), where the argument is known to more digits than one float32 has. */
// @ts-ignore: decorator
@inline
export function expFractionOfSum(high: v128, low: v128, biased: v128): v128 {
  const n = f32x4.sub(biased, constant(roundingBias));
  const first = f32x4.sub(high, f32x4.mul(n, constant(ln2High)));
  const second = f32x4.sub(low, f32x4.mul(n, constant(ln2Low)));
  const r = f32x4.add(first, second);
  return expSum(r, f32x4.add(f32x4.sub(first, r), second));
}

/** e^x: +∞ from 88.72284 on, denormal below −87.34, 0 below −103.98. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const cut = clampExponent(x);
  const biased = biasedPower(cut);
  return scale(expFraction(cut, biased), integerOf(biased));
}

const expMinus1Lowest = memory.data<f32>([-60]);

/** e^x − 1 for x ≤ 0, accurate near 0: 2ⁿ·(e^r − 1) + (2ⁿ − 1), where the larger summand is exact. */
// @ts-ignore: decorator
@inline
export function expMinus1OfNegative(x: v128): v128 {
  const cut = f32x4.pmax(x, constant(expMinus1Lowest)); // by then it has long been −1
  const biased = biasedPower(cut);
  const n = f32x4.sub(biased, constant(roundingBias));
  const first = f32x4.sub(cut, f32x4.mul(n, constant(ln2High)));
  const second = f32x4.mul(n, constant(ln2Low));
  const r = f32x4.sub(first, second);
  const tail = f32x4.add(expTail(r), f32x4.sub(f32x4.sub(first, r), second));
  const power = powerOf2(integerOf(biased));
  const whole = f32x4.sub(power, constant(one));
  const part = f32x4.mul(power, r);
  const high = f32x4.add(whole, part);
  const low = f32x4.sub(part, f32x4.sub(high, whole));
  return f32x4.add(high, f32x4.add(low, f32x4.mul(power, tail)));
}

const logTerms = memory.data<f32>([
  0.0674773157, -0.116775157, 0.118886963, -0.12405340, 0.142194524, -0.166680053,
  0.200021237, -0.250000089, 0.333333135,
]);

/** ln(1 + f) − f for √½ ≤ 1 + f ≤ √2. */
// @ts-ignore: decorator
@inline
function logTail(f: v128): v128 {
  let p = horner(constant(logTerms), f, logTerms, 1);
  p = horner(p, f, logTerms, 2);
  p = horner(p, f, logTerms, 3);
  p = horner(p, f, logTerms, 4);
  p = horner(p, f, logTerms, 5);
  p = horner(p, f, logTerms, 6);
  p = horner(p, f, logTerms, 7);
  p = horner(p, f, logTerms, 8);
  const square = f32x4.mul(f, f);
  return f32x4.sub(f32x4.mul(f32x4.mul(square, f), p), f32x4.mul(square, constant(half)));
}

/** 2²³, its logarithm, and the bits of √½. */
const denormalScale = memory.data<f32>([8388608]);
export const denormalShift = memory.data<f32>([23]);
const sqrtHalfBits = memory.data<i32>([0x3f3504f3]);

/** x·2²³ where x is denormal, which brings its leading bit to where `exponentOf` looks for it. */
// @ts-ignore: decorator
@inline
export function normalized(x: v128, denormal: v128): v128 {
  return select(denormal, f32x4.mul(x, constant(denormalScale)), x);
}

/** e, where x = 2ᵉ·m and √½ ≤ m < √2. */
// @ts-ignore: decorator
@inline
export function exponentOf(x: v128): v128 {
  return i32x4.shr_s(i32x4.sub(x, constant(sqrtHalfBits)), 23);
}

/** That m. */
// @ts-ignore: decorator
@inline
export function fractionOf(x: v128, exponent: v128): v128 {
  return i32x4.sub(x, i32x4.shl(exponent, 23));
}

/** ln x: −∞ at ±0, NaN below, +∞ at +∞. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const denormal = f32x4.lt(x, constant(smallestNormal));
  const normal = normalized(x, denormal);
  const exponent = exponentOf(normal);
  const f = f32x4.sub(fractionOf(normal, exponent), constant(one));
  const e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(denormal, constant(denormalShift)));
  const tail = f32x4.add(logTail(f), f32x4.mul(e, constant(ln2Low)));
  const value = f32x4.add(f32x4.add(tail, f), f32x4.mul(e, constant(ln2High)));
  const finite = select(f32x4.lt(x, constant(infinity)), value, x);
  const positive = select(f32x4.eq(x, f32x4.splat(0)), constant(minusInfinity), finite);
  return v128.or(positive, f32x4.lt(x, f32x4.splat(0)));
}

const sqrt2Minus1 = memory.data<f32>([0.41421356]);

/** ln(1 + t) for 0 ≤ t ≤ 1. From √2 on 1 + t is halved; t itself is never rounded. */
// @ts-ignore: decorator
@inline
export function logOf1Plus(t: v128): v128 {
  const large = f32x4.gt(t, constant(sqrt2Minus1));
  const f = select(large, f32x4.mul(f32x4.sub(t, constant(one)), constant(half)), t);
  const tail = f32x4.add(logTail(f), v128.and(large, constant(ln2Low)));
  return f32x4.add(f32x4.add(tail, f), v128.and(large, constant(ln2High)));
}

const tanhTerms = memory.data<f32>([-0.00570498720, 0.0206390874, -0.0537397151, 0.133314422, -0.333332819]);

const two = memory.data<f32>([2]);
const tanhFar = memory.data<f32>([0.625]);
/** tanh x = x + x³·p(x²) near 0, ±(1 − 2 / (e^2|x| + 1)) beyond. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const magnitude = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = horner(constant(tanhTerms), square, tanhTerms, 1);
  p = horner(p, square, tanhTerms, 2);
  p = horner(p, square, tanhTerms, 3);
  p = horner(p, square, tanhTerms, 4);
  const near = f32x4.add(x, f32x4.mul(x, f32x4.mul(square, p)));
  const e = exp4(f32x4.add(magnitude, magnitude));
  const far = f32x4.sub(constant(one), f32x4.div(constant(two), f32x4.add(e, constant(one))));
  return withSignOf(x, select(f32x4.lt(magnitude, constant(tanhFar)), near, far)); // also that of −0
}

/** |v| with the sign of x. */
// @ts-ignore: decorator
@inline
export function withSignOf(x: v128, v: v128): v128 {
  return v128.bitselect(x, v, constant(signBit));
}

const erfNearTerms = memory.data<f32>([
  0.0000785387586, -0.000801019838, 0.00518832829, -0.0268538123, 0.112835852, -0.376126258,
  0.128379166,
]);

const erfFarTerms = memory.data<f32>([
  -0.000186379187, 0.00294765828, -0.0218380639, 0.103106754, 0.638144833, 1.12708919,
  0.000341523092,
]);

const erfHighest = memory.data<f32>([4]);
/** erf x = 2/√π · ∫₀ˣ e^−t² dt: x + x·p(x²) for |x| ≤ 1, ±(1 − e^−q(|x|)) beyond. */
// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  const magnitude = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = horner(constant(erfNearTerms), square, erfNearTerms, 1);
  p = horner(p, square, erfNearTerms, 2);
  p = horner(p, square, erfNearTerms, 3);
  p = horner(p, square, erfNearTerms, 4);
  p = horner(p, square, erfNearTerms, 5);
  p = horner(p, square, erfNearTerms, 6);
  const near = f32x4.add(x, f32x4.mul(x, p));
  const cut = f32x4.pmin(magnitude, constant(erfHighest)); // by then it is 1
  let q = horner(constant(erfFarTerms), cut, erfFarTerms, 1);
  q = horner(q, cut, erfFarTerms, 2);
  q = horner(q, cut, erfFarTerms, 3);
  q = horner(q, cut, erfFarTerms, 4);
  q = horner(q, cut, erfFarTerms, 5);
  q = horner(q, cut, erfFarTerms, 6);
  const far = f32x4.sub(constant(one), exp4(f32x4.neg(q)));
  return select(f32x4.lt(magnitude, constant(one)), near, withSignOf(x, far));
}

/** Lanes 2 and 3 in places 0 and 1. */
// @ts-ignore: decorator
@inline
export function upperHalf(v: v128): v128 {
  return i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

/** Lanes 0 and 1 of each. */
// @ts-ignore: decorator
@inline
export function joinHalves(low: v128, high: v128): v128 {
  return i8x16.shuffle(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}
