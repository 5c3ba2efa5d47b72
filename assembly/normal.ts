/**
 * The distribution function Φ of the normal distribution as gelu needs it, on four lanes: x·Φ(x), at most 3 ulp off, and the
 * approximation by tanh, at most 1.5 ulp.
 */
import {
  biasedPower, constant, expFractionOfSum, horner, integerOf, joinHalves, roundingBias, scale, select, upperHalf, withSignOf,
} from "./math";
import { logistic, nanAtMinusInfinity, sigmoid4 } from "./sigmoid";

/** Φ(x) = ½ + x·p(x²), the distribution function of the normal distribution, for |x| ≤ 0.85. */
// @ts-ignore: decorator
@inline
function normalNear0(x: v128): v128 {
  const square = f32x4.mul(x, x);
  let p = horner(constant(0.0000976860028), square, -0.00117432384);
  p = horner(p, square, 0.00996925868);
  p = horner(p, square, -0.0664897785);
  p = horner(p, square, 0.398942262);
  return f32x4.add(constant(0.5), f32x4.mul(x, p));
}

/**
 * z·(1 − Φ(z))·e^(z²/2) for 0.85 ≤ z ≤ 15. The tail 1 − Φ(z) falls like e^(−z²/2) / z, so that this is nearly a constant, and a
 * polynomial in (z − 3)/(z + 3).
 */
// @ts-ignore: decorator
@inline
function scaledNormalTail(z: v128): v128 {
  const t = f32x4.div(f32x4.sub(z, constant(3)), f32x4.add(z, constant(3)));
  let p = horner(constant(-0.000548602955), t, -0.0000370126001);
  p = horner(p, t, 0.00396615081);
  p = horner(p, t, -0.00173899357);
  p = horner(p, t, -0.0288582295);
  p = horner(p, t, 0.0913768336);
  p = horner(p, t, -0.139657363);
  p = horner(p, t, 0.109875865);
  return horner(p, t, 0.364541858);
}

/** The first 12 bits of z, whose square is exact. */
// @ts-ignore: decorator
@inline
function leading12(z: v128): v128 {
  return v128.and(z, i32x4.splat(<i32>0xfffff000));
}

/** The integer next to −z²/2 / ln 2, biased. */
// @ts-ignore: decorator
@inline
function gaussianPower(z: v128): v128 {
  return biasedPower(f32x4.mul(f32x4.mul(z, z), constant(-0.5)));
}

/** e^(−z²/2) but for that power of 2. With z = h + l, z² = h² + l·(z + h), which keeps the digits that z·z loses. */
// @ts-ignore: decorator
@inline
function gaussianFraction(z: v128, biased: v128): v128 {
  const h = leading12(z);
  const high = f32x4.mul(f32x4.mul(h, h), constant(-0.5));
  const low = f32x4.mul(f32x4.mul(f32x4.sub(z, h), f32x4.add(z, h)), constant(-0.5));
  return expFractionOfSum(high, low, biased);
}

/** x·Φ(x) = max(x, 0) − |x|·(1 − Φ(|x|)), NaN at −∞. The tail is scaled last, so that it keeps its digits to the end. */
// @ts-ignore: decorator
@inline
export function gelu4(x: v128): v128 {
  const z = f32x4.pmin(f32x4.abs(x), constant(15));
  const biased = gaussianPower(z);
  const tail = scale(f32x4.mul(scaledNormalTail(z), gaussianFraction(z, biased)), integerOf(biased));
  const far = f32x4.add(f32x4.sub(f32x4.pmax(x, constant(0)), tail), nanAtMinusInfinity(x));
  return select(f32x4.lt(z, constant(0.85)), f32x4.mul(x, normalNear0(x)), far);
}

/** Φ(x) + x·φ(x), the derivative of x·Φ(x); φ(x) = e^(−x²/2) / √(2π). */
// @ts-ignore: decorator
@inline
export function geluSlope4(x: v128): v128 {
  const z = f32x4.pmin(f32x4.abs(x), constant(15));
  const biased = gaussianPower(z);
  const gaussian = scale(gaussianFraction(z, biased), integerOf(biased));
  const tail = f32x4.div(f32x4.mul(scaledNormalTail(z), gaussian), z);
  const far = select(f32x4.lt(x, constant(0)), tail, f32x4.sub(constant(1), tail));
  const distribution = select(f32x4.lt(z, constant(0.85)), normalNear0(x), far);
  const density = f32x4.mul(gaussian, constant(0.398942280));
  return f32x4.add(f32x4.add(distribution, f32x4.mul(withSignOf(x, z), density)), nanAtMinusInfinity(x));
}

/** v = 2·√(2/π)·(x + 0.044715·x³): the approximation takes σ(v) for Φ(x). */
const tanhGelu1: f64 = 1.5957691216057308;
const tanhGelu3: f64 = 0.07135481627260025;

// @ts-ignore: decorator
@inline
function tanhGeluArgument(x: v128): v128 {
  const square = f32x4.mul(x, x);
  return f32x4.mul(x, f32x4.add(constant(<f32>tanhGelu1), f32x4.mul(square, constant(<f32>tanhGelu3))));
}

/** −v − n·ln 2 for two lanes, in float64, for in float32 a large v has too few digits behind the point. */
// @ts-ignore: decorator
@inline
function tanhGeluRemainder(x: v128, n: v128): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  const factor = f64x2.add(f64x2.mul(f64x2.mul(wide, wide), f64x2.splat(tanhGelu3)), f64x2.splat(tanhGelu1));
  const multiple = f64x2.mul(f64x2.promote_low_f32x4(n), f64x2.splat(0.6931471805599453));
  return f32x4.demote_f64x2_zero(f64x2.neg(f64x2.add(f64x2.mul(wide, factor), multiple)));
}

/** x·σ(v), which is x/2·(1 + tanh(v/2)); NaN at −∞. */
// @ts-ignore: decorator
@inline
export function tanhGelu4(x: v128): v128 {
  const cut = f32x4.pmax(f32x4.pmin(x, constant(6)), constant(-11)); // σ(v) is 1, and x·σ(v) is 0
  const biased = biasedPower(f32x4.neg(tanhGeluArgument(cut)));
  const n = f32x4.sub(biased, constant(roundingBias));
  const r = joinHalves(tanhGeluRemainder(cut, n), tanhGeluRemainder(upperHalf(cut), upperHalf(n)));
  const value = logistic(f32x4.pmax(x, constant(-11)), r, constant(0), integerOf(biased));
  return f32x4.add(value, nanAtMinusInfinity(x));
}

/** σ(v) + x·σ(v)·σ(−v)·v′. */
// @ts-ignore: decorator
@inline
export function tanhGeluSlope4(x: v128): v128 {
  const cut = f32x4.pmin(f32x4.pmax(x, constant(-11)), constant(11));
  const v = tanhGeluArgument(cut);
  const s = sigmoid4(v);
  const slope = f32x4.add(constant(<f32>tanhGelu1), f32x4.mul(f32x4.mul(cut, cut), constant(<f32>(3 * tanhGelu3))));
  const value = f32x4.add(s, f32x4.mul(f32x4.mul(cut, slope), f32x4.mul(s, sigmoid4(f32x4.neg(v)))));
  return f32x4.add(value, nanAtMinusInfinity(x));
}
