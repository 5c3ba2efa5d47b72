/**
 * Arithmetic of two operands that broadcast, y = a + b, a − b, a·b, a/b, max(a, b), min(a, b), aᵇ, and what their gradients need
 * beyond it. loops.ts says what the arguments mean. A gradient kernel gives dx in the output's shape; what broadcasting
 * repeated is summed afterwards.
 */
import { rows2, rows3 } from "../how/loops";
import { log4, select } from "../how/math";
import { inverseRoot4, inverseSquare4, pow4 } from "./how/power";

class Add {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.add(a, b); }
}
class Sub {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.sub(a, b); }
}
class Mul {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.mul(a, b); }
}
class Div {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.div(a, b); }
}
/** −g·(a/b)/b. */
class DivGradB {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 { return f32x4.neg(f32x4.mul(g, f32x4.div(f32x4.div(a, b), b))); }
}

/** `pmax(a, b)` is `a < b ? b : a`. Where a = b both count: +0 and −0 have the sum of their bits in common, and NaN wins. */
class Maximum {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    const value = select(f32x4.eq(a, b), v128.and(a, b), f32x4.pmax(a, b));
    return select(f32x4.eq(b, b), value, b);
  }
}
class Minimum {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    const value = select(f32x4.eq(a, b), v128.or(a, b), f32x4.pmin(a, b));
    return select(f32x4.eq(b, b), value, b);
  }
}
/** What reaches a: all of g where it is larger, half where both are equal, all where one is NaN. */
class MaximumGrad {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 {
    const shared = select(f32x4.eq(a, b), f32x4.mul(g, f32x4.splat(0.5)), g);
    return v128.andnot(shared, f32x4.lt(a, b));
  }
}
class MinimumGrad {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 {
    const shared = select(f32x4.eq(a, b), f32x4.mul(g, f32x4.splat(0.5)), g);
    return v128.andnot(shared, f32x4.gt(a, b));
  }
}

/** Too long to stand in every loop. */
function power(a: v128, b: v128): v128 {
  return pow4(a, b);
}

/** Where the exponent is one number: −1, ½, 2 and 3 cost what 1/x, √x, x·x and x·x·x cost; `pow4` gives the same bits. */
class PowMinus1 {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.div(f32x4.splat(1), a); }
}
class PowHalf {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.sqrt(a); }
}
class Pow2 {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.mul(a, a); }
}
class Pow3 {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.mul(f32x4.mul(a, a), a); }
}
class Pow {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return power(a, b); }
}
/** b·a^(b − 1)·g, and 0 where b = 0. */
class PowGradInput {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 {
    const slope = f32x4.mul(b, power(a, f32x4.sub(b, f32x4.splat(1))));
    return v128.andnot(f32x4.mul(g, slope), f32x4.eq(b, f32x4.splat(0)));
  }
}
/** The same for such an exponent. */
class PowMinus1Grad {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 { return f32x4.mul(g, f32x4.neg(inverseSquare4(a))); }
}
class PowHalfGrad {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 { return f32x4.mul(g, f32x4.mul(b, inverseRoot4(a))); }
}
class Pow2Grad {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 { return f32x4.mul(g, f32x4.mul(b, a)); }
}
class Pow3Grad {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 { return f32x4.mul(g, f32x4.mul(b, f32x4.mul(a, a))); }
}
/** aᵇ·ln a·g, and 0 where a = 0 and b ≥ 0. */
class PowGradExponent {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 {
    const zero = f32x4.splat(0);
    const flat = v128.and(f32x4.eq(a, zero), f32x4.ge(b, zero));
    return v128.andnot(f32x4.mul(g, f32x4.mul(power(a, b), log4(a))), flat);
  }
}

export function add(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows2<Add>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function sub(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows2<Sub>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function mul(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows2<Mul>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function div(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows2<Div>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function maximum(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows2<Maximum>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function minimum(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows2<Minimum>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function pow(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  const exponent: f32 = b0 | b1 | b2 | b3 ? NaN : load<f32>(b);
  if (exponent == 2) rows2<Pow2>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
  else if (exponent == 3) rows2<Pow3>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
  else if (exponent == 0.5) rows2<PowHalf>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
  else if (exponent == -1) rows2<PowMinus1>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
  else rows2<Pow>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function divGradB(
  a: usize, b: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows3<DivGradB>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function maximumGrad(
  a: usize, b: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows3<MaximumGrad>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function minimumGrad(
  a: usize, b: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows3<MinimumGrad>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function powGradInput(
  a: usize, b: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  const exponent: f32 = b0 | b1 | b2 | b3 ? NaN : load<f32>(b);
  if (exponent == 2) rows3<Pow2Grad>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
  else if (exponent == 3) rows3<Pow3Grad>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
  else if (exponent == 0.5) rows3<PowHalfGrad>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
  else if (exponent == -1) rows3<PowMinus1Grad>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
  else rows3<PowGradInput>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function powGradExponent(
  a: usize, b: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows3<PowGradExponent>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}
