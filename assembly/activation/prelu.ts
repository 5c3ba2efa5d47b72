/** y = x > 0 ? x : w·x with a learnt slope for all or each channel. loops.ts says what the arguments mean; w is operand b. */
import { rows2, rows3 } from "../how/loops";
import { select } from "../how/math";

class Prelu {
  // @ts-ignore: decorator
  @inline of(x: v128, w: v128): v128 { return select(f32x4.gt(x, f32x4.splat(0)), x, f32x4.mul(w, x)); }
}
/** g above 0, w·g elsewhere. */
class PreluGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, w: v128, g: v128): v128 { return select(f32x4.gt(x, f32x4.splat(0)), g, f32x4.mul(w, g)); }
}
/** x·g where x is not above 0. */
class PreluGradWeight {
  // @ts-ignore: decorator
  @inline of(x: v128, w: v128, g: v128): v128 { return v128.andnot(f32x4.mul(x, g), f32x4.gt(x, f32x4.splat(0))); }
}

export function prelu(
  x: usize, w: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows2<Prelu>(x, w, y, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function preluGradInput(
  x: usize, w: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows3<PreluGradInput>(x, w, g, dx, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function preluGradWeight(
  x: usize, w: usize, g: usize, dw: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  rows3<PreluGradWeight>(x, w, g, dw, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}
