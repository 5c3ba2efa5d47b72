/**
 * y = c ? a : b, all three broadcast: c are bytes, of which any but 0 chooses a. Rows and strides as in loops.ts; along a row each
 * operand runs (1) or stays (0).
 */
import { select } from "../how/math";
import { storeLanes } from "../how/simd";

/** All ones for each of four bytes that is not 0, or for the one byte that stays. */
// @ts-ignore: decorator
@inline
function chosen(c: usize, step: u32): v128 {
  if (!step) return i32x4.splat(load<u8>(c) ? -1 : 0);
  return i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(c))), i32x4.splat(0));
}

// @ts-ignore: decorator
@inline
function operand(x: usize, step: u32): v128 {
  return step ? v128.load(x) : v128.load32_splat(x);
}

/** Rows [from, to). */
export function where(
  c: usize, a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32, c0: u32, c1: u32, c2: u32, c3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  let at = from * n3;
  for (let r = from; r < to; r++, at += n3) {
    const i2 = r % n2;
    const i1 = (r / n2) % n1;
    const i0 = r / n2 / n1;
    let cs = c + (i0 * c0 + i1 * c1 + i2 * c2);
    let ax = a + ((i0 * a0 + i1 * a1 + i2 * a2) << 2);
    let bs = b + ((i0 * b0 + i1 * b1 + i2 * b2) << 2);
    let n = min(n3, size - at);
    for (let ys = y + (at << 2); ; ys += 16, n -= 4) {
      const value = select(chosen(cs, c3), operand(ax, a3), operand(bs, b3));
      if (n <= 4) { storeLanes(ys, value, n); break; }
      v128.store(ys, value);
      cs += c3 << 2;
      ax += a3 << 4;
      bs += b3 << 4;
    }
  }
}

/** dx = g where c differs from 0 (`wanted` 1) or is 0 (`wanted` 0), and 0 elsewhere. Rows [from, to) of c; g and dx are dense. */
export function whereGrad(
  c: usize, g: usize, dx: usize, wanted: u32, size: u32, n1: u32, n2: u32, n3: u32, c0: u32, c1: u32, c2: u32, c3: u32,
  from: u32, to: u32,
): void {
  const flip = i32x4.splat(wanted ? 0 : -1);
  let at = from * n3;
  for (let r = from; r < to; r++, at += n3) {
    let cs = c + ((r / n2 / n1) * c0 + ((r / n2) % n1) * c1 + (r % n2) * c2);
    let n = min(n3, size - at);
    for (let place = at << 2; ; place += 16, n -= 4) {
      const value = v128.and(v128.load(g + place), v128.xor(chosen(cs, c3), flip));
      if (n <= 4) { storeLanes(dx + place, value, n); break; }
      v128.store(dx + place, value);
      cs += c3 << 2;
    }
  }
}
