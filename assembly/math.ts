/**
 * Transcendental functions on four float32 lanes, as polynomials, so that every machine gives the same bits. Each reduces its
 * argument to a short interval, evaluates a polynomial that is fitted to the smallest largest relative error there
 * and undoes the reduction. Where a sum 1 + r loses digits of r, they are taken along.
 *
 *   function     reduction                                   polynomial in         largest error
 *   exp          x = n·ln 2 + r, |r| ≤ ½ ln 2                r, degree 6           0.6 ulp
 *   log          x = 2ᵉ·(1 + f), √½ ≤ 1 + f < √2             f, degree 10          0.9 ulp
 *   tanh         |x| < 0.625, beyond it by exp               x², degree 4          1.4 ulp
 *   erf          |x| ≤ 1, beyond it 1 − exp(−p(|x|))         x², degree 6          1.0 ulp
 *   pow          2^(y·log2 x) in float64                     s², degree 5          0.51 ulp
 *
 * NaN passes through all of them: in `pmin(x, c)` and `pmax(x, c)`, which are `c < x ? c : x` and `x < c ? c : x`, a NaN in the
 * first operand stays. Denormals are arguments and results like any other numbers.
 */

/** 1.5·2²³: added to a small number it leaves that number, rounded to an integer, in the low bits. */
const roundingBias: f32 = 12582912;
const roundingBits: i32 = 0x4b400000;

/** ln 2 in two parts. The first has 16 bits, so that its products with integers below 256 are exact. */
const ln2High: f32 = 0.693145751953125;
const ln2Low: f32 = 1.42860677e-6;
const log2E: f32 = 1.44269504;

const smallestNormal: f32 = 1.17549435e-38;
const signBit: i32 = <i32>0x80000000;

/** `a` where the mask is set, `b` elsewhere. */
// @ts-ignore: decorator
@inline
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

// @ts-ignore: decorator
@inline
function constant(value: f32): v128 {
  return f32x4.splat(value);
}

/** sum·x + coefficient: one step of Horner's scheme. */
// @ts-ignore: decorator
@inline
function horner(sum: v128, x: v128, coefficient: f32): v128 {
  return f32x4.add(f32x4.mul(sum, x), f32x4.splat(coefficient));
}

/** x cut back to where e^x is neither 0 nor infinite, and a little beyond. */
// @ts-ignore: decorator
@inline
function clampExponent(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, constant(89.5)), constant(-112));
}

/** n + 1.5·2²³, where n is the integer nearest to x / ln 2. */
// @ts-ignore: decorator
@inline
function biasedPower(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, constant(log2E)), constant(roundingBias));
}

/** 2ⁿ for −127 < n < 128. */
// @ts-ignore: decorator
@inline
function powerOf2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** The n of a biased power, as an integer. */
// @ts-ignore: decorator
@inline
function integerOf(biased: v128): v128 {
  return i32x4.sub(biased, i32x4.splat(roundingBits));
}

/** v·2ⁿ in two steps, so that 2ⁿ itself may be out of range, and a denormal result is rounded only once. */
// @ts-ignore: decorator
@inline
function scale(v: v128, n: v128): v128 {
  const half = i32x4.shr_s(n, 1);
  return f32x4.mul(f32x4.mul(v, powerOf2(half)), powerOf2(i32x4.sub(n, half)));
}

/** e^r − 1 − r for |r| ≤ ½ ln 2. */
// @ts-ignore: decorator
@inline
function expTail(r: v128): v128 {
  let p = horner(constant(0.00138637647), r, 0.00836750008);
  p = horner(p, r, 0.0416672379);
  p = horner(p, r, 0.166665345);
  p = horner(p, r, 0.5);
  return f32x4.mul(f32x4.mul(r, r), p);
}

/** e^(r + rest) for a small rest: what 1 + r loses in rounding is added with the tail. */
// @ts-ignore: decorator
@inline
function expSum(r: v128, rest: v128): v128 {
  const high = f32x4.add(constant(1), r);
  const low = f32x4.sub(r, f32x4.sub(high, constant(1)));
  return f32x4.add(high, f32x4.add(low, f32x4.add(expTail(r), rest)));
}

/** e^(x − n·ln 2), between √½ and √2. */
// @ts-ignore: decorator
@inline
function expFraction(x: v128, biased: v128): v128 {
  const n = f32x4.sub(biased, constant(roundingBias));
  const first = f32x4.sub(x, f32x4.mul(n, constant(ln2High))); // exact
  const second = f32x4.mul(n, constant(ln2Low));
  const r = f32x4.sub(first, second);
  return expSum(r, f32x4.sub(f32x4.sub(first, r), second));
}

/** e^(high + low − n·ln 2), where the argument is known to more digits than one float32 has. */
// @ts-ignore: decorator
@inline
function expFractionOfSum(high: v128, low: v128, biased: v128): v128 {
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

/** e^x − 1 for x ≤ 0, accurate near 0: 2ⁿ·(e^r − 1) + (2ⁿ − 1), where the larger summand is exact. */
// @ts-ignore: decorator
@inline
export function expMinus1OfNegative(x: v128): v128 {
  const cut = f32x4.pmax(x, constant(-60)); // by then it has long been −1
  const biased = biasedPower(cut);
  const n = f32x4.sub(biased, constant(roundingBias));
  const first = f32x4.sub(cut, f32x4.mul(n, constant(ln2High)));
  const second = f32x4.mul(n, constant(ln2Low));
  const r = f32x4.sub(first, second);
  const tail = f32x4.add(expTail(r), f32x4.sub(f32x4.sub(first, r), second));
  const power = powerOf2(integerOf(biased));
  const whole = f32x4.sub(power, constant(1));
  const part = f32x4.mul(power, r);
  const high = f32x4.add(whole, part);
  const low = f32x4.sub(part, f32x4.sub(high, whole));
  return f32x4.add(high, f32x4.add(low, f32x4.mul(power, tail)));
}

/** ln(1 + f) − f for √½ ≤ 1 + f ≤ √2. */
// @ts-ignore: decorator
@inline
function logTail(f: v128): v128 {
  let p = horner(constant(0.0674773157), f, -0.116775157);
  p = horner(p, f, 0.118886963);
  p = horner(p, f, -0.12405340);
  p = horner(p, f, 0.142194524);
  p = horner(p, f, -0.166680053);
  p = horner(p, f, 0.200021237);
  p = horner(p, f, -0.250000089);
  p = horner(p, f, 0.333333135);
  const square = f32x4.mul(f, f);
  return f32x4.sub(f32x4.mul(f32x4.mul(square, f), p), f32x4.mul(square, constant(0.5)));
}

/** x·2²³ where x is denormal, which brings its leading bit to where `exponentOf` looks for it. */
// @ts-ignore: decorator
@inline
function normalized(x: v128, denormal: v128): v128 {
  return select(denormal, f32x4.mul(x, constant(8388608)), x);
}

/** e, where x = 2ᵉ·m and √½ ≤ m < √2. */
// @ts-ignore: decorator
@inline
function exponentOf(x: v128): v128 {
  return i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
}

/** That m. */
// @ts-ignore: decorator
@inline
function fractionOf(x: v128, exponent: v128): v128 {
  return i32x4.sub(x, i32x4.shl(exponent, 23));
}

/** ln x: −∞ at ±0, NaN below, +∞ at +∞. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const denormal = f32x4.lt(x, constant(smallestNormal));
  const normal = normalized(x, denormal);
  const exponent = exponentOf(normal);
  const f = f32x4.sub(fractionOf(normal, exponent), constant(1));
  const e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(denormal, constant(23)));
  const tail = f32x4.add(logTail(f), f32x4.mul(e, constant(ln2Low)));
  const value = f32x4.add(f32x4.add(tail, f), f32x4.mul(e, constant(ln2High)));
  const finite = select(f32x4.lt(x, constant(Infinity)), value, x);
  const positive = select(f32x4.eq(x, constant(0)), constant(-Infinity), finite);
  return v128.or(positive, f32x4.lt(x, constant(0)));
}

/** ln(1 + t) for 0 ≤ t ≤ 1. From √2 on 1 + t is halved; t itself is never rounded. */
// @ts-ignore: decorator
@inline
export function logOf1Plus(t: v128): v128 {
  const large = f32x4.gt(t, constant(0.41421356));
  const f = select(large, f32x4.mul(f32x4.sub(t, constant(1)), constant(0.5)), t);
  const tail = f32x4.add(logTail(f), v128.and(large, constant(ln2Low)));
  return f32x4.add(f32x4.add(tail, f), v128.and(large, constant(ln2High)));
}

/**
 * a / (1 + e^y), where e^y = 2ⁿ·e^(r + rest): a·2⁻ⁿ / (2⁻ⁿ + e^(r + rest)). Neither a large e^y overflows nor a small one is rounded
 * before it is added, and the last scaling alone can make the result denormal.
 */
// @ts-ignore: decorator
@inline
function logistic(a: v128, r: v128, rest: v128, n: v128): v128 {
  const one = constant(1);
  const high = f32x4.add(one, r);
  const low = f32x4.add(f32x4.sub(r, f32x4.sub(high, one)), f32x4.add(expTail(r), rest));
  const power = powerOf2(i32x4.neg(i32x4.min_s(n, i32x4.splat(100)))); // 2⁻¹⁰⁰ no longer counts beside e^r
  const sum = f32x4.add(power, high);
  const part = f32x4.sub(sum, power);
  const lost = f32x4.add(f32x4.sub(power, f32x4.sub(sum, part)), f32x4.sub(high, part));
  return scale(f32x4.div(a, f32x4.add(sum, f32x4.add(lost, low))), i32x4.neg(n));
}

/** x cut back to where 1 / (1 + e^−x) is neither 1 nor 0, and beyond. */
// @ts-ignore: decorator
@inline
function clampLogistic(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, constant(30)), constant(-112));
}

/** a / (1 + e^−x). */
// @ts-ignore: decorator
@inline
function timesSigmoid(a: v128, x: v128): v128 {
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
  return timesSigmoid(constant(1), x);
}

/** −0 for finite numbers below 0, NaN for −∞, 0 otherwise: added to what comes out of −∞·0 in PyTorch. */
// @ts-ignore: decorator
@inline
function nanAtMinusInfinity(x: v128): v128 {
  return v128.and(f32x4.lt(x, constant(0)), f32x4.mul(x, constant(0)));
}

/** x / (1 + e^−x), NaN at −∞. */
// @ts-ignore: decorator
@inline
export function silu4(x: v128): v128 {
  return f32x4.add(timesSigmoid(f32x4.pmax(x, constant(-112)), x), nanAtMinusInfinity(x));
}

/** σ(x)·(1 + x·(1 − σ(x))), the derivative of x·σ(x). */
// @ts-ignore: decorator
@inline
export function siluSlope4(x: v128): v128 {
  const cut = clampExponent(x);
  const s = sigmoid4(cut);
  const slope = f32x4.mul(s, f32x4.add(constant(1), f32x4.mul(cut, f32x4.sub(constant(1), s))));
  return f32x4.add(slope, nanAtMinusInfinity(x));
}

/** tanh x = x + x³·p(x²) near 0, ±(1 − 2 / (e^2|x| + 1)) beyond. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const magnitude = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = horner(constant(-0.00570498720), square, 0.0206390874);
  p = horner(p, square, -0.0537397151);
  p = horner(p, square, 0.133314422);
  p = horner(p, square, -0.333332819);
  const near = f32x4.add(x, f32x4.mul(x, f32x4.mul(square, p)));
  const e = exp4(f32x4.add(magnitude, magnitude));
  const far = f32x4.sub(constant(1), f32x4.div(constant(2), f32x4.add(e, constant(1))));
  return select(f32x4.lt(magnitude, constant(0.625)), near, withSignOf(x, far));
}

/** |v| with the sign of x. */
// @ts-ignore: decorator
@inline
function withSignOf(x: v128, v: v128): v128 {
  return v128.bitselect(x, v, i32x4.splat(signBit));
}

/** erf x = 2/√π · ∫₀ˣ e^−t² dt: x + x·p(x²) for |x| ≤ 1, ±(1 − e^−q(|x|)) beyond. */
// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  const magnitude = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = horner(constant(0.0000785387586), square, -0.000801019838);
  p = horner(p, square, 0.00518832829);
  p = horner(p, square, -0.0268538123);
  p = horner(p, square, 0.112835852);
  p = horner(p, square, -0.376126258);
  p = horner(p, square, 0.128379166);
  const near = f32x4.add(x, f32x4.mul(x, p));
  const cut = f32x4.pmin(magnitude, constant(4)); // by then it is 1
  let q = horner(constant(-0.000186379187), cut, 0.00294765828);
  q = horner(q, cut, -0.0218380639);
  q = horner(q, cut, 0.103106754);
  q = horner(q, cut, 0.638144833);
  q = horner(q, cut, 1.12708919);
  q = horner(q, cut, 0.000341523092);
  const far = f32x4.sub(constant(1), exp4(f32x4.neg(q)));
  return select(f32x4.lt(magnitude, constant(1)), near, withSignOf(x, far));
}

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

/** Lanes 2 and 3 in places 0 and 1. */
// @ts-ignore: decorator
@inline
function upperHalf(v: v128): v128 {
  return i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

/** Lanes 0 and 1 of each. */
// @ts-ignore: decorator
@inline
function joinHalves(low: v128, high: v128): v128 {
  return i8x16.shuffle(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

/** log2 m for √½ ≤ m < √2, two lanes of float64: with s = (m − 1)/(m + 1), ln m = 2·(s + s³/3 + s⁵/5 + …). */
// @ts-ignore: decorator
@inline
function log2OfFraction(m: v128): v128 {
  const one = f64x2.splat(1);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const square = f64x2.mul(s, s);
  let p = f64x2.add(f64x2.mul(f64x2.splat(0.2828996730471177), square), f64x2.splat(0.3199057808322627));
  p = f64x2.add(f64x2.mul(p, square), f64x2.splat(0.41220924880811466));
  p = f64x2.add(f64x2.mul(p, square), f64x2.splat(0.5770779424188849));
  p = f64x2.add(f64x2.mul(p, square), f64x2.splat(0.9617966941131593));
  p = f64x2.add(f64x2.mul(p, square), f64x2.splat(2.8853900817778486));
  return f64x2.mul(p, s);
}

/** 2^w for two lanes of float64, w already cut back to [−160, 140]; the result is rounded to float32. */
// @ts-ignore: decorator
@inline
function exp2OfWide(w: v128): v128 {
  const bias = f64x2.splat(6755399441055744); // 1.5·2⁵²
  const biased = f64x2.add(w, bias);
  const g = f64x2.sub(w, f64x2.sub(biased, bias));
  let p = f64x2.add(f64x2.mul(f64x2.splat(0.0000013178925602654718), g), f64x2.splat(0.000015309178795278105));
  p = f64x2.add(f64x2.mul(p, g), f64x2.splat(0.00015403825669268756));
  p = f64x2.add(f64x2.mul(p, g), f64x2.splat(0.001333345477794888));
  p = f64x2.add(f64x2.mul(p, g), f64x2.splat(0.009618128615574885));
  p = f64x2.add(f64x2.mul(p, g), f64x2.splat(0.05550410935348393));
  p = f64x2.add(f64x2.mul(p, g), f64x2.splat(0.24022650698113932));
  p = f64x2.add(f64x2.mul(p, g), f64x2.splat(0.6931471805481937));
  p = f64x2.add(f64x2.mul(p, g), f64x2.splat(1));
  return f32x4.demote_f64x2_zero(i64x2.add(p, i64x2.shl(biased, 52)));
}

/** 2^(y·(e + log2 m)) for two lanes. */
// @ts-ignore: decorator
@inline
function powOfParts(e: v128, m: v128, y: v128): v128 {
  const logarithm = f64x2.add(f64x2.promote_low_f32x4(e), log2OfFraction(f64x2.promote_low_f32x4(m)));
  const w = f64x2.mul(f64x2.promote_low_f32x4(y), logarithm);
  return exp2OfWide(f64x2.pmax(f64x2.pmin(w, f64x2.splat(140)), f64x2.splat(-160)));
}

/**
 * x^y with the special values of the C standard: x⁰ = 1 and 1^y = 1 even for NaN, (−1)^±∞ = 1, and NaN for a negative x where y is
 * no integer. The exponents −1, ½, 2 and 3 give 1/x, √x, x·x and x·x·x, so that they cost and round as these do.
 */
// @ts-ignore: decorator
@inline
export function pow4(x: v128, y: v128): v128 {
  const one = constant(1);
  const zero = constant(0);
  const magnitude = f32x4.abs(x);
  const denormal = f32x4.lt(magnitude, constant(smallestNormal));
  const normal = normalized(magnitude, denormal);
  const exponent = exponentOf(normal);
  const m = fractionOf(normal, exponent);
  let e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(denormal, constant(23)));
  e = select(f32x4.lt(magnitude, constant(Infinity)), e, magnitude); // +∞ and NaN
  e = select(f32x4.eq(x, zero), constant(-Infinity), e);
  const size = joinHalves(powOfParts(e, m, y), powOfParts(upperHalf(e), upperHalf(m), upperHalf(y)));

  const halfOfY = f32x4.mul(y, constant(0.5));
  const isInteger = f32x4.eq(f32x4.nearest(y), y);
  const isOdd = v128.andnot(isInteger, f32x4.eq(f32x4.nearest(halfOfY), halfOfY));
  let value = select(v128.or(f32x4.eq(y, zero), f32x4.eq(magnitude, one)), one, size);
  value = v128.xor(value, v128.and(v128.and(x, isOdd), i32x4.splat(signBit)));
  const finiteNegative = v128.and(f32x4.lt(x, zero), f32x4.gt(x, constant(-Infinity)));
  value = v128.or(value, v128.andnot(finiteNegative, isInteger));

  const square = f32x4.mul(x, x);
  value = select(f32x4.eq(y, constant(2)), square, value);
  value = select(f32x4.eq(y, constant(3)), f32x4.mul(square, x), value);
  value = select(f32x4.eq(y, constant(0.5)), f32x4.sqrt(x), value);
  return select(f32x4.eq(y, constant(-1)), f32x4.div(one, x), value);
}
