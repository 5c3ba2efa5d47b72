/** x^y on four lanes, computed in float64 two lanes at a time and rounded once: at most 0.51 ulp off. */
import {
  constant, exponentOf, fractionOf, joinHalves, normalized, select, signBit, smallestNormal, upperHalf,
} from "./math";

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
