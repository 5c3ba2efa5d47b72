/**
 * What is left of a division, the angle of a point, and their gradients, for operands that broadcast. loops.ts says what the arguments
 * mean.
 */
import { rows2, rows3 } from "../how/loops";
import { constant, infinity, select, signBit } from "../how/math";
import { widened2 } from "../how/wide";
import { angleWide } from "./how/angles";

/** a − trunc(a/b)·b without any rounding, for |a/b| < 2²⁸; the sign is that of a. */
class Rest {
  // @ts-ignore: decorator
  @inline wide(a: v128, b: v128): v128 {
    const size = f64x2.abs(a);
    const step = f64x2.abs(b);
    const rest = f64x2.sub(size, f64x2.mul(f64x2.trunc(f64x2.div(size, step)), step));
    // A quotient just below an integer may have been rounded up to it.
    return f64x2.add(rest, v128.and(step, f64x2.lt(rest, f64x2.splat(0))));
  }
}

/** The same for any quotient: multiples of b are taken off from the largest down, each exactly. */
function restOf(a: f32, b: f32): f32 {
  let rest = <f64>abs(a);
  const step = <f64>abs(b);
  while (rest >= step) {
    let multiple = step;
    while (rest / multiple >= 268435456) multiple *= 134217728;
    rest -= f64.trunc(rest / multiple) * multiple;
    if (rest < 0) rest += multiple;
  }
  return <f32>rest;
}

/** Lane by lane, where a quotient is too large for `Rest`. */
function slowRest(a: v128, b: v128): v128 {
  let y = f32x4.splat(restOf(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)));
  y = f32x4.replace_lane(y, 1, restOf(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)));
  y = f32x4.replace_lane(y, 2, restOf(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)));
  return f32x4.replace_lane(y, 3, restOf(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
}

/** C's fmod: NaN where a is infinite or b is 0, a itself where b is infinite. */
function fmod4(a: v128, b: v128): v128 {
  const size = f32x4.abs(a);
  const step = f32x4.abs(b);
  const sound = v128.and(f32x4.lt(size, constant(infinity)), f32x4.gt(step, f32x4.splat(0))); // and no NaN
  const far = f32x4.ge(f32x4.div(size, step), f32x4.splat(134217728));
  const value = v128.any_true(v128.and(sound, far)) ? slowSound(size, step, sound) : widened2<Rest>(size, step);
  const finite = select(f32x4.lt(size, step), size, value);
  const signed = v128.bitselect(a, finite, constant(signBit));
  return v128.or(signed, v128.not(v128.and(sound, f32x4.eq(b, b))));
}

/** Lanes that are not sound would loop for ever. */
// @ts-ignore: decorator
@inline
function slowSound(size: v128, step: v128, sound: v128): v128 {
  return slowRest(v128.and(size, sound), select(sound, step, f32x4.splat(1)));
}

/** Python's %: the rest has the sign of b. */
function remainder4(a: v128, b: v128): v128 {
  const rest = fmod4(a, b);
  const zero = f32x4.splat(0);
  const across = v128.and(f32x4.ne(rest, zero), v128.xor(f32x4.lt(b, zero), f32x4.lt(rest, zero)));
  return select(across, f32x4.add(rest, b), rest);
}

class Fmod {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return fmod4(a, b); }
}
class Remainder {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return remainder4(a, b); }
}
/** −g·trunc(a/b): (a − rest)/b is that integer but for rounding. */
class FmodGradB {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 {
    return f32x4.neg(f32x4.mul(g, f32x4.nearest(f32x4.div(f32x4.sub(a, fmod4(a, b)), b))));
  }
}
/** −g·floor(a/b). */
class RemainderGradB {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, g: v128): v128 {
    return f32x4.neg(f32x4.mul(g, f32x4.nearest(f32x4.div(f32x4.sub(a, remainder4(a, b)), b))));
  }
}
class Angle {
  // @ts-ignore: decorator
  @inline wide(y: v128, x: v128): v128 { return angleWide(y, x); }
  // @ts-ignore: decorator
  @inline of(y: v128, x: v128): v128 { return widened2<Angle>(y, x); }
}
/** x·g / (x² + y²), in float64, where squares of float32 neither overflow nor vanish; 0 at the origin. */
class AngleSlopeY {
  // @ts-ignore: decorator
  @inline wide(y: v128, x: v128): v128 {
    const square = f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y));
    return v128.andnot(f64x2.div(x, square), f64x2.eq(square, f64x2.splat(0)));
  }
}
class AngleGradY {
  // @ts-ignore: decorator
  @inline of(y: v128, x: v128, g: v128): v128 { return f32x4.mul(g, widened2<AngleSlopeY>(y, x)); }
}
/** −y·g / (x² + y²). */
class AngleGradX {
  // @ts-ignore: decorator
  @inline of(y: v128, x: v128, g: v128): v128 { return f32x4.neg(f32x4.mul(g, widened2<AngleSlopeY>(x, y))); }
}

export function remainder(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows2<Remainder>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function fmod(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows2<Fmod>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function atan2(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows2<Angle>(a, b, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function remainderGradB(
  a: usize, b: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows3<RemainderGradB>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function fmodGradB(
  a: usize, b: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows3<FmodGradB>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function atan2GradY(
  a: usize, b: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows3<AngleGradY>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function atan2GradX(
  a: usize, b: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows3<AngleGradX>(a, b, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}
