/**
 * The distribution function Φ of the normal distribution as gelu needs it, on four lanes: x·Φ(x), at most 3 ulp off, and the
 * approximation by tanh, at most 1.5 ulp.
 */
import {
  biasedPower, constant, expFractionOfSum, half, horner, integerOf, joinHalves, one, roundingBias, scale, select, upperHalf,
  wideConstant, withSignOf,
} from "../../how/math";
import { logistic, nanAtMinusInfinity, sigmoid4 } from "../../how/sigmoid";

const normalNearTerms = memory.data<f32>([0.0000976860028, -0.00117432384, 0.00996925868, -0.0664897785, 0.398942262]);

/** Φ(x) = ½ + x·p(x²), the distribution function of the normal distribution, for |x| ≤ 0.85. */
// @ts-ignore: decorator
@inline
function normalNear0(x: v128): v128 {
  const square = f32x4.mul(x, x);
  let p = horner(constant(normalNearTerms), square, normalNearTerms, 1);
  p = horner(p, square, normalNearTerms, 2);
  p = horner(p, square, normalNearTerms, 3);
  p = horner(p, square, normalNearTerms, 4);
  return f32x4.add(constant(half), f32x4.mul(x, p));
}

const three = memory.data<f32>([3]);
const normalTailTerms = memory.data<f32>([
  -0.000548602955, -0.0000370126001, 0.00396615081, -0.00173899357, -0.0288582295, 0.0913768336,
  -0.139657363, 0.109875865, 0.364541858,
]);

/**
 * z·(1 − Φ(z))·e^(z²/2) for 0.85 ≤ z ≤ 15. The tail 1 − Φ(z) falls like e^(−z²/2) / z, so that this is nearly a constant, and a
 * polynomial in (z − 3)/(z + 3).
 */
// @ts-ignore: decorator
@inline
function scaledNormalTail(z: v128): v128 {
  const t = f32x4.div(f32x4.sub(z, constant(three)), f32x4.add(z, constant(three)));
  let p = horner(constant(normalTailTerms), t, normalTailTerms, 1);
  p = horner(p, t, normalTailTerms, 2);
  p = horner(p, t, normalTailTerms, 3);
  p = horner(p, t, normalTailTerms, 4);
  p = horner(p, t, normalTailTerms, 5);
  p = horner(p, t, normalTailTerms, 6);
  p = horner(p, t, normalTailTerms, 7);
  return horner(p, t, normalTailTerms, 8);
}

const minusHalf = memory.data<f32>([-0.5]);
const leadingBits = memory.data<i32>([<i32>0xfffff000]);

/** The first 12 bits of z, whose square is exact. */
// @ts-ignore: decorator
@inline
function leading12(z: v128): v128 {
  return v128.and(z, constant(leadingBits));
}

/** The integer next to −z²/2 / ln 2, biased. */
// @ts-ignore: decorator
@inline
function gaussianPower(z: v128): v128 {
  return biasedPower(f32x4.mul(f32x4.mul(z, z), constant(minusHalf)));
}

/** e^(−z²/2) but for that power of 2. With z = h + l, z² = h² + l·(z + h), which keeps the digits that z·z loses. */
// @ts-ignore: decorator
@inline
function gaussianFraction(z: v128, biased: v128): v128 {
  const h = leading12(z);
  const high = f32x4.mul(f32x4.mul(h, h), constant(minusHalf));
  const low = f32x4.mul(f32x4.mul(f32x4.sub(z, h), f32x4.add(z, h)), constant(minusHalf));
  return expFractionOfSum(high, low, biased);
}

const normalHighest = memory.data<f32>([15]);
const normalFar = memory.data<f32>([0.85]);
const densityAt0 = memory.data<f32>([0.398942280]);

/** x·Φ(x) = max(x, 0) − |x|·(1 − Φ(|x|)), NaN at −∞. The tail is scaled last, so that it keeps its digits to the end. */
// @ts-ignore: decorator
@inline
export function gelu4(x: v128): v128 {
  const z = f32x4.pmin(f32x4.abs(x), constant(normalHighest));
  const biased = gaussianPower(z);
  const tail = scale(f32x4.mul(scaledNormalTail(z), gaussianFraction(z, biased)), integerOf(biased));
  const far = f32x4.add(f32x4.sub(f32x4.pmax(x, f32x4.splat(0)), tail), nanAtMinusInfinity(x));
  return select(f32x4.lt(z, constant(normalFar)), f32x4.mul(x, normalNear0(x)), far);
}

/** Φ(x) + x·φ(x), the derivative of x·Φ(x); φ(x) = e^(−x²/2) / √(2π). */
// @ts-ignore: decorator
@inline
export function geluSlope4(x: v128): v128 {
  const z = f32x4.pmin(f32x4.abs(x), constant(normalHighest));
  const biased = gaussianPower(z);
  const gaussian = scale(gaussianFraction(z, biased), integerOf(biased));
  const tail = f32x4.div(f32x4.mul(scaledNormalTail(z), gaussian), z);
  const far = select(f32x4.lt(x, f32x4.splat(0)), tail, f32x4.sub(constant(one), tail));
  const distribution = select(f32x4.lt(z, constant(normalFar)), normalNear0(x), far);
  const density = f32x4.mul(gaussian, constant(densityAt0));
  return f32x4.add(f32x4.add(distribution, f32x4.mul(withSignOf(x, z), density)), nanAtMinusInfinity(x));
}

/** v = 2·√(2/π)·(x + 0.044715·x³): the approximation takes σ(v) for Φ(x). */
const tanhGelu1 = memory.data<f32>([1.5957691216057308]);
const tanhGelu3 = memory.data<f32>([0.07135481627260025]);
const tanhGeluSlope3 = memory.data<f32>([0.21406444881780075]); // the triple
const tanhGelu1Wide = memory.data<f64>([1.5957691216057308]);
const tanhGelu3Wide = memory.data<f64>([0.07135481627260025]);
const ln2Wide = memory.data<f64>([0.6931471805599453]);
const tanhGeluHighest = memory.data<f32>([6]); // where σ(v) is 1
const tanhGeluLowest = memory.data<f32>([-11]); // where x·σ(v) is 0
const tanhGeluBound = memory.data<f32>([11]);

// @ts-ignore: decorator
@inline
function tanhGeluArgument(x: v128): v128 {
  const square = f32x4.mul(x, x);
  return f32x4.mul(x, f32x4.add(constant(tanhGelu1), f32x4.mul(square, constant(tanhGelu3))));
}

/** −v − n·ln 2 for two lanes, in float64, for in float32 a large v has too few digits behind the point. */
// @ts-ignore: decorator
@inline
function tanhGeluRemainder(x: v128, n: v128): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  const factor = f64x2.add(f64x2.mul(f64x2.mul(wide, wide), wideConstant(tanhGelu3Wide)), wideConstant(tanhGelu1Wide));
  const multiple = f64x2.mul(f64x2.promote_low_f32x4(n), wideConstant(ln2Wide));
  return f32x4.demote_f64x2_zero(f64x2.neg(f64x2.add(f64x2.mul(wide, factor), multiple)));
}

/** x·σ(v), which is x/2·(1 + tanh(v/2)); NaN at −∞. */
// @ts-ignore: decorator
@inline
export function tanhGelu4(x: v128): v128 {
  const cut = f32x4.pmax(f32x4.pmin(x, constant(tanhGeluHighest)), constant(tanhGeluLowest));
  const biased = biasedPower(f32x4.neg(tanhGeluArgument(cut)));
  const n = f32x4.sub(biased, constant(roundingBias));
  const r = joinHalves(tanhGeluRemainder(cut, n), tanhGeluRemainder(upperHalf(cut), upperHalf(n)));
  const value = logistic(f32x4.pmax(x, constant(tanhGeluLowest)), r, f32x4.splat(0), integerOf(biased));
  return f32x4.add(value, nanAtMinusInfinity(x));
}

/** σ(v) + x·σ(v)·σ(−v)·v′. */
// @ts-ignore: decorator
@inline
export function tanhGeluSlope4(x: v128): v128 {
  const cut = f32x4.pmin(f32x4.pmax(x, constant(tanhGeluLowest)), constant(tanhGeluBound));
  const v = tanhGeluArgument(cut);
  const s = sigmoid4(v);
  const slope = f32x4.add(constant(tanhGelu1), f32x4.mul(f32x4.mul(cut, cut), constant(tanhGeluSlope3)));
  const value = f32x4.add(s, f32x4.mul(f32x4.mul(cut, slope), f32x4.mul(s, sigmoid4(f32x4.neg(v)))));
  return f32x4.add(value, nanAtMinusInfinity(x));
}
