/**
 * One half of an axis decides how much of the other passes: x [rows, 2, width] → y [rows, width]. A unit is a row; a and b are its
 * halves.
 */
import { sigmoid4, silu4, siluSlope4, timesSigmoid } from "../how/sigmoid";
import { storeLanes } from "../how/simd";

/** a·σ(b). */
class Glu {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return timesSigmoid(a, b); }
  // @ts-ignore: decorator
  @inline slopeA(a: v128, b: v128): v128 { return sigmoid4(b); }
  // @ts-ignore: decorator
  @inline slopeB(a: v128, b: v128): v128 {
    // σ(−b), not 1 − σ(b), which has no digits left where b is large.
    return f32x4.mul(a, f32x4.mul(sigmoid4(b), sigmoid4(f32x4.neg(b))));
  }
}
/** a·σ(a)·b. */
class Swiglu {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.mul(silu4(a), b); }
  // @ts-ignore: decorator
  @inline slopeA(a: v128, b: v128): v128 { return f32x4.mul(siluSlope4(a), b); }
  // @ts-ignore: decorator
  @inline slopeB(a: v128, b: v128): v128 { return silu4(a); }
}

// @ts-ignore: decorator
@inline
function gated<Op>(x: usize, y: usize, width: u32, from: u32, to: u32): void {
  const op = changetype<Op>(0);
  const bytes = (<usize>width) << 2;
  for (let row = <usize>from; row < to; row++) {
    const a = x + row * 2 * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      // @ts-ignore: every such Op has these methods
      const value: v128 = op.of(v128.load(a + at), v128.load(a + bytes + at));
      storeLanes(y + row * bytes + at, value, <u32>((bytes - at) >> 2));
    }
  }
}

// @ts-ignore: decorator
@inline
function gatedGrad<Op>(x: usize, g: usize, dx: usize, width: u32, from: u32, to: u32): void {
  const op = changetype<Op>(0);
  const bytes = (<usize>width) << 2;
  for (let row = <usize>from; row < to; row++) {
    const a = x + row * 2 * bytes;
    const da = dx + row * 2 * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      const left = v128.load(a + at);
      const right = v128.load(a + bytes + at);
      const grad = v128.load(g + row * bytes + at);
      const lanes = <u32>((bytes - at) >> 2);
      // @ts-ignore
      storeLanes(da + at, f32x4.mul(grad, op.slopeA(left, right)), lanes);
      // @ts-ignore
      storeLanes(da + bytes + at, f32x4.mul(grad, op.slopeB(left, right)), lanes);
    }
  }
}

export function glu(x: usize, y: usize, width: u32, from: u32, to: u32): void {
  gated<Glu>(x, y, width, from, to);
}

export function gluGradInput(x: usize, g: usize, dx: usize, width: u32, from: u32, to: u32): void {
  gatedGrad<Glu>(x, g, dx, width, from, to);
}

export function swiglu(x: usize, y: usize, width: u32, from: u32, to: u32): void {
  gated<Swiglu>(x, y, width, from, to);
}

export function swigluGradInput(x: usize, g: usize, dx: usize, width: u32, from: u32, to: u32): void {
  gatedGrad<Swiglu>(x, g, dx, width, from, to);
}
