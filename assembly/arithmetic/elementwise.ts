/**
 * Functions of one element: y = f(x), and dx = f′(x)·g from whatever of x and y says it with the least work. Ranges are in elements,
 * in whole vectors: `from` is a multiple of 4, and the last vector may run over the end of the tensor into its block's padding.
 */
import { map, map2 } from "../how/loops";
import { erf4, exp4, log4, select } from "../how/math";

class Neg {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.neg(x); }
}
class Abs {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.abs(x); }
}
class Square {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.mul(x, x); }
}
class Sqrt {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.sqrt(x); }
}
class Exp {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return exp4(x); }
}
class Log {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return log4(x); }
}
class Erf {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return erf4(x); }
}
/** ±g with the sign of x: 0 at 0, NaN at NaN. */
class AbsGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 {
    const signed = v128.xor(g, v128.and(x, f32x4.splat(-0)));
    const value = v128.andnot(signed, f32x4.eq(x, f32x4.splat(0)));
    return select(f32x4.eq(x, x), value, x);
  }
}
/** 2x·g. */
class SquareGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(f32x4.add(x, x), g); }
}
/** g / 2y, from the output. */
class SqrtGradInput {
  // @ts-ignore: decorator
  @inline of(y: v128, g: v128): v128 { return f32x4.div(g, f32x4.add(y, y)); }
}
/** y·g, from the output. */
class ExpGradInput {
  // @ts-ignore: decorator
  @inline of(y: v128, g: v128): v128 { return f32x4.mul(y, g); }
}
/** g / x. */
class LogGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.div(g, x); }
}
/** 2/√π·e^−x²·g. */
class ErfGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, f32x4.mul(f32x4.splat(1.12837917), exp4(f32x4.neg(f32x4.mul(x, x))))); }
}

export function neg(x: usize, y: usize, from: u32, to: u32): void {
  map<Neg>(x, y, from, to);
}

export function abs(x: usize, y: usize, from: u32, to: u32): void {
  map<Abs>(x, y, from, to);
}

export function square(x: usize, y: usize, from: u32, to: u32): void {
  map<Square>(x, y, from, to);
}

export function sqrt(x: usize, y: usize, from: u32, to: u32): void {
  map<Sqrt>(x, y, from, to);
}

export function exp(x: usize, y: usize, from: u32, to: u32): void {
  map<Exp>(x, y, from, to);
}

export function log(x: usize, y: usize, from: u32, to: u32): void {
  map<Log>(x, y, from, to);
}

export function erf(x: usize, y: usize, from: u32, to: u32): void {
  map<Erf>(x, y, from, to);
}

export function absGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<AbsGradInput>(x, g, dx, from, to);
}

export function squareGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<SquareGradInput>(x, g, dx, from, to);
}

export function sqrtGradInput(y: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<SqrtGradInput>(y, g, dx, from, to);
}

export function expGradInput(y: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<ExpGradInput>(y, g, dx, from, to);
}

export function logGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<LogGradInput>(x, g, dx, from, to);
}

export function erfGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<ErfGradInput>(x, g, dx, from, to);
}
