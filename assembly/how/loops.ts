/**
 * The loops of element-wise kernels. What is done to an element is a class with one inlined method, so that each kernel is the
 * same loop compiled around another operation:
 *
 *     class Add { @inline of(a: v128, b: v128): v128 { return f32x4.add(a, b); } }
 *
 * Such an object is never made: `changetype<Op>(0)` only tells the compiler whose method is meant.
 *
 * Operands that broadcast are walked by rows of the dense output. Each has a stride for every axis, in elements, and 0 where it
 * stays in place; along the row it either runs (1) or stays (0):
 *
 *     output [n0, n1, n2, n3], row number r = (i0·n1 + i1)·n2 + i2
 *     y[r, j] = op(a[i0·a0 + i1·a1 + i2·a2 + j·a3], b[i0·b0 + i1·b1 + i2·b2 + j·b3])
 *
 * The output has `size` elements, and its last row may be cut short: two tensors of equal shape are rows of any length one likes.
 * The last elements of a row go through the same vector operation as all others; surplus lanes are dropped.
 */
import { storeLanes } from "./simd";

/** y[i] = op(x[i]), in whole vectors. */
// @ts-ignore: decorator
@inline
export function map<Op>(x: usize, y: usize, from: u32, to: u32): void {
  const op = changetype<Op>(0);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    // @ts-ignore: every Op has this method
    v128.store(y + at, op.of(v128.load(x + at)));
  }
}

/** z[i] = op(x[i], y[i]), in whole vectors: a gradient, from what was kept and what arrives. */
// @ts-ignore: decorator
@inline
export function map2<Op>(x: usize, y: usize, z: usize, from: u32, to: u32): void {
  const op = changetype<Op>(0);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    // @ts-ignore: every Op has this method
    v128.store(z + at, op.of(v128.load(x + at), v128.load(y + at)));
  }
}

/** y[i] = op(x[i], p, q), in whole vectors: a function with up to two parameters. */
// @ts-ignore: decorator
@inline
export function mapWith<Op>(x: usize, y: usize, p: f32, q: f32, from: u32, to: u32): void {
  const op = changetype<Op>(0);
  const first = f32x4.splat(p);
  const second = f32x4.splat(q);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    // @ts-ignore: every such Op has this method
    v128.store(y + at, op.of(v128.load(x + at), first, second));
  }
}

/** z[i] = op(x[i], g[i], p, q), in whole vectors: its gradient. */
// @ts-ignore: decorator
@inline
export function map2With<Op>(x: usize, g: usize, z: usize, p: f32, q: f32, from: u32, to: u32): void {
  const op = changetype<Op>(0);
  const first = f32x4.splat(p);
  const second = f32x4.splat(q);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    // @ts-ignore: every such Op has this method
    v128.store(z + at, op.of(v128.load(x + at), v128.load(g + at), first, second));
  }
}

/** y = op(a, b) for rows [from, to). */
// @ts-ignore: decorator
@inline
export function rows2<Op>(
  a: usize, b: usize, y: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32,
  from: u32, to: u32,
): void {
  let i2 = from % n2;
  let i1 = (from / n2) % n1;
  let i0 = from / n2 / n1;
  let at = from * n3;
  for (let r = from; r < to; r++, at += n3) {
    const aRow = a + ((i0 * a0 + i1 * a1 + i2 * a2) << 2);
    const bRow = b + ((i0 * b0 + i1 * b1 + i2 * b2) << 2);
    row2<Op>(aRow, bRow, y + (at << 2), a3, b3, min(n3, size - at));
    if (++i2 == n2) {
      i2 = 0;
      if (++i1 == n1) { i1 = 0; i0++; }
    }
  }
}

/** One row of n > 0 elements. Not both operands stay. */
function row2<Op>(a: usize, b: usize, y: usize, a3: u32, b3: u32, n: u32): void {
  const op = changetype<Op>(0);
  if (a3 & b3) {
    for (; ; a += 16, b += 16, y += 16, n -= 4) {
      // @ts-ignore: every Op has this method
      const value: v128 = op.of(v128.load(a), v128.load(b));
      if (n <= 4) { storeLanes(y, value, n); return; }
      v128.store(y, value);
    }
  } else if (a3) {
    const fixed = v128.load32_splat(b);
    for (; ; a += 16, y += 16, n -= 4) {
      // @ts-ignore
      const value: v128 = op.of(v128.load(a), fixed);
      if (n <= 4) { storeLanes(y, value, n); return; }
      v128.store(y, value);
    }
  } else {
    const fixed = v128.load32_splat(a);
    for (; ; b += 16, y += 16, n -= 4) {
      // @ts-ignore
      const value: v128 = op.of(fixed, v128.load(b));
      if (n <= 4) { storeLanes(y, value, n); return; }
      v128.store(y, value);
    }
  }
}

/** dx = op(a, b, g) for rows [from, to), where g, the gradient that arrives, is as dense as dx. */
// @ts-ignore: decorator
@inline
export function rows3<Op>(
  a: usize, b: usize, g: usize, dx: usize, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32,
  from: u32, to: u32,
): void {
  let i2 = from % n2;
  let i1 = (from / n2) % n1;
  let i0 = from / n2 / n1;
  let at = from * n3;
  for (let r = from; r < to; r++, at += n3) {
    const aRow = a + ((i0 * a0 + i1 * a1 + i2 * a2) << 2);
    const bRow = b + ((i0 * b0 + i1 * b1 + i2 * b2) << 2);
    row3<Op>(aRow, bRow, g + (at << 2), dx + (at << 2), a3, b3, min(n3, size - at));
    if (++i2 == n2) {
      i2 = 0;
      if (++i1 == n1) { i1 = 0; i0++; }
    }
  }
}

function row3<Op>(a: usize, b: usize, g: usize, dx: usize, a3: u32, b3: u32, n: u32): void {
  const op = changetype<Op>(0);
  if (a3 & b3) {
    for (; ; a += 16, b += 16, g += 16, dx += 16, n -= 4) {
      // @ts-ignore: every Op has this method
      const value: v128 = op.of(v128.load(a), v128.load(b), v128.load(g));
      if (n <= 4) { storeLanes(dx, value, n); return; }
      v128.store(dx, value);
    }
  } else if (a3) {
    const fixed = v128.load32_splat(b);
    for (; ; a += 16, g += 16, dx += 16, n -= 4) {
      // @ts-ignore
      const value: v128 = op.of(v128.load(a), fixed, v128.load(g));
      if (n <= 4) { storeLanes(dx, value, n); return; }
      v128.store(dx, value);
    }
  } else {
    const fixed = v128.load32_splat(a);
    for (; ; b += 16, g += 16, dx += 16, n -= 4) {
      // @ts-ignore
      const value: v128 = op.of(fixed, v128.load(b), v128.load(g));
      if (n <= 4) { storeLanes(dx, value, n); return; }
      v128.store(dx, value);
    }
  }
}
