/** Trigonometric functions and the hyperbolic ones that are not activations, and their gradients. Ranges as in elementwise.ts. */
import { map, map2 } from "../how/loops";
import { wideConstant } from "../how/math";
import { expMinus1Wide, oneWide, signBitWide, widened } from "../how/wide";
import { angleWide, cathetusWide, cosWide, sinWide, tanWide } from "./how/angles";

class Sin {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 { return sinWide(x); }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Sin>(x); }
}
class Cos {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 { return cosWide(x); }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Cos>(x); }
}
class Tan {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 { return tanWide(x); }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Tan>(x); }
}
class Asin {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 { return angleWide(x, cathetusWide(x)); }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Asin>(x); }
}
class Acos {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 { return angleWide(cathetusWide(x), x); }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Acos>(x); }
}
class Atan {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 { return angleWide(x, wideConstant(oneWide)); }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Atan>(x); }
}
/** (e^|x| − e^−|x|) / 2 from e^|x| − 1, which keeps its digits near 0. */
class Sinh {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 {
    const less1 = expMinus1Wide(f64x2.abs(x));
    const sum = f64x2.add(less1, f64x2.div(less1, f64x2.add(less1, wideConstant(oneWide))));
    return v128.bitselect(x, f64x2.mul(sum, f64x2.splat(0.5)), wideConstant(signBitWide));
  }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Sinh>(x); }
}
/** (e^x + e^−x) / 2. */
class Cosh {
  // @ts-ignore: decorator
  @inline wide(x: v128): v128 {
    const power = f64x2.add(expMinus1Wide(f64x2.abs(x)), wideConstant(oneWide));
    return f64x2.mul(f64x2.add(power, f64x2.div(wideConstant(oneWide), power)), f64x2.splat(0.5));
  }
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return widened<Cosh>(x); }
}
/** cos x·g. */
class SinGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, widened<Cos>(x)); }
}
/** −sin x·g. */
class CosGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.neg(f32x4.mul(g, widened<Sin>(x))); }
}
/** (1 + y²)·g, from the output. */
class TanGradInput {
  // @ts-ignore: decorator
  @inline of(y: v128, g: v128): v128 { return f32x4.mul(g, f32x4.add(f32x4.splat(1), f32x4.mul(y, y))); }
}
/** √(1 − x²), where the product keeps the digits that x² would lose. */
// @ts-ignore: decorator
@inline
function cathetus(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.sqrt(f32x4.mul(f32x4.sub(one, x), f32x4.add(one, x)));
}
/** g / √(1 − x²). */
class AsinGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.div(g, cathetus(x)); }
}
/** −g / √(1 − x²). */
class AcosGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.neg(f32x4.div(g, cathetus(x))); }
}
/** g / (1 + x²). */
class AtanGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.div(g, f32x4.add(f32x4.splat(1), f32x4.mul(x, x))); }
}
/** cosh x·g. */
class SinhGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, widened<Cosh>(x)); }
}
/** sinh x·g. */
class CoshGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, widened<Sinh>(x)); }
}

export function sin(x: usize, y: usize, from: u32, to: u32): void {
  map<Sin>(x, y, from, to);
}

export function cos(x: usize, y: usize, from: u32, to: u32): void {
  map<Cos>(x, y, from, to);
}

export function tan(x: usize, y: usize, from: u32, to: u32): void {
  map<Tan>(x, y, from, to);
}

export function asin(x: usize, y: usize, from: u32, to: u32): void {
  map<Asin>(x, y, from, to);
}

export function acos(x: usize, y: usize, from: u32, to: u32): void {
  map<Acos>(x, y, from, to);
}

export function atan(x: usize, y: usize, from: u32, to: u32): void {
  map<Atan>(x, y, from, to);
}

export function sinh(x: usize, y: usize, from: u32, to: u32): void {
  map<Sinh>(x, y, from, to);
}

export function cosh(x: usize, y: usize, from: u32, to: u32): void {
  map<Cosh>(x, y, from, to);
}

export function sinGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<SinGradInput>(x, g, dx, from, to);
}

export function cosGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<CosGradInput>(x, g, dx, from, to);
}

export function tanGradInput(y: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<TanGradInput>(y, g, dx, from, to);
}

export function asinGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<AsinGradInput>(x, g, dx, from, to);
}

export function acosGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<AcosGradInput>(x, g, dx, from, to);
}

export function atanGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<AtanGradInput>(x, g, dx, from, to);
}

export function sinhGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<SinhGradInput>(x, g, dx, from, to);
}

export function coshGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<CoshGradInput>(x, g, dx, from, to);
}
