/** Exponentials and logarithms of other bases and near their zeros, and their gradients. Ranges as in elementwise.ts. */
import { map, map2 } from "../how/loops";
import { wideConstant } from "../how/math";
import { expMinus1Wide, log2OfSum, oneWide, signBitWide, widened } from "../how/wide";

const ln2 = memory.data<f64>([0.6931471805599453]);
const log10Of2 = memory.data<f64>([0.3010299956639812]);

/** The sign of x is put back for −0. */
class Expm1 {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 { return v128.bitselect(x, expMinus1Wide(x), wideConstant(signBitWide)); }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Expm1>(x); }
}
class Log1p {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 {
    const value = f64x2.mul(log2OfSum(f64x2.add(wideConstant(oneWide), x), x), wideConstant(ln2));
    return v128.bitselect(x, value, wideConstant(signBitWide)); // also that of −0
  }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Log1p>(x); }
}
class Log2 {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 { return log2OfSum(x, f64x2.sub(x, wideConstant(oneWide))); }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Log2>(x); }
}
class Log10 {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 { return f64x2.mul(log2OfSum(x, f64x2.sub(x, wideConstant(oneWide))), wideConstant(log10Of2)); }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Log10>(x); }
}
/** (y + 1)·g, from the output. */
class Expm1GradInput {
  // @ts-ignore: decorator
  @inline of(y: v128, g: v128): v128 { return f32x4.mul(g, f32x4.add(y, f32x4.splat(1))); }
}
/** g / (1 + x). */
class Log1pGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.div(g, f32x4.add(f32x4.splat(1), x)); }
}
/** g / (x·ln 2). */
class Log2GradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.div(g, f32x4.mul(x, f32x4.splat(0.693147181))); }
}
/** g / (x·ln 10). */
class Log10GradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.div(g, f32x4.mul(x, f32x4.splat(2.30258509))); }
}

export function expm1(x: usize, y: usize, from: u32, to: u32): void {
  map<Expm1>(x, y, from, to);
}

export function log1p(x: usize, y: usize, from: u32, to: u32): void {
  map<Log1p>(x, y, from, to);
}

export function log2(x: usize, y: usize, from: u32, to: u32): void {
  map<Log2>(x, y, from, to);
}

export function log10(x: usize, y: usize, from: u32, to: u32): void {
  map<Log10>(x, y, from, to);
}

export function expm1GradInput(y: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<Expm1GradInput>(y, g, dx, from, to);
}

export function log1pGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<Log1pGradInput>(x, g, dx, from, to);
}

export function log2GradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<Log2GradInput>(x, g, dx, from, to);
}

export function log10GradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<Log10GradInput>(x, g, dx, from, to);
}
