/** Rounding, signs and reciprocals, and the gradients of those that are not flat. Ranges as in elementwise.ts. */
import { map, map2 } from "../how/loops";

class Floor {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.floor(x); }
}
class Ceil {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.ceil(x); }
}
/** The even one of two that are equally near. */
class Round {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.nearest(x); }
}
class Trunc {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.trunc(x); }
}
/** 1 above 0, −1 below; 0 at ±0 and at NaN. */
class Sign {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 {
    const zero = f32x4.splat(0);
    const above = v128.and(f32x4.gt(x, zero), f32x4.splat(1));
    return v128.or(above, v128.and(f32x4.lt(x, zero), f32x4.splat(-1)));
  }
}
class Reciprocal {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.div(f32x4.splat(1), x); }
}
class Rsqrt {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.div(f32x4.splat(1), f32x4.sqrt(x)); }
}
/** −y²·g, from the output. */
class ReciprocalGradInput {
  // @ts-ignore: decorator
  @inline of(y: v128, g: v128): v128 { return f32x4.neg(f32x4.mul(g, f32x4.mul(y, y))); }
}
/** −y³/2·g, from the output. */
class RsqrtGradInput {
  // @ts-ignore: decorator
  @inline of(y: v128, g: v128): v128 { return f32x4.mul(f32x4.mul(g, f32x4.splat(-0.5)), f32x4.mul(f32x4.mul(y, y), y)); }
}

export function floor(x: usize, y: usize, from: u32, to: u32): void {
  map<Floor>(x, y, from, to);
}

export function ceil(x: usize, y: usize, from: u32, to: u32): void {
  map<Ceil>(x, y, from, to);
}

export function round(x: usize, y: usize, from: u32, to: u32): void {
  map<Round>(x, y, from, to);
}

export function trunc(x: usize, y: usize, from: u32, to: u32): void {
  map<Trunc>(x, y, from, to);
}

export function sign(x: usize, y: usize, from: u32, to: u32): void {
  map<Sign>(x, y, from, to);
}

export function reciprocal(x: usize, y: usize, from: u32, to: u32): void {
  map<Reciprocal>(x, y, from, to);
}

export function rsqrt(x: usize, y: usize, from: u32, to: u32): void {
  map<Rsqrt>(x, y, from, to);
}

export function reciprocalGradInput(y: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<ReciprocalGradInput>(y, g, dx, from, to);
}

export function rsqrtGradInput(y: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<RsqrtGradInput>(y, g, dx, from, to);
}

/** dx = 0. */
export function noSlope(dx: usize, from: u32, to: u32): void {
  memory.fill(dx + ((<usize>from) << 2), 0, (<usize>(to - from)) << 2);
}
