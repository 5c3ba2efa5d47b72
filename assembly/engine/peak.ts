/**
 * What the machine can do at best, for benchmarks to compare with.
 *
 * `peakFlops`: 12 chains of x ← x·m + a that never leave the registers. An addition and a product take up to 6 cycles one after the other
 * and four can begin in each cycle, so fewer chains would wait for each other; with m, a and a product they fill the 15 registers
 * that V8 has to give. m and a come from memory: as constants V8 would build them anew at each use, and the loop would
 * run at a quarter of the speed. m = ½ keeps every x near 2a.
 */
import { constant, half, one } from "../how/math";
import { madd } from "../how/simd";

/** 12 chains × 4 lanes × (a product and an addition). */
export const peakFlopsPerRound: u32 = 12 * 4 * 2;

export function peakFlops(rounds: u32): f32 {
  const m = constant(half);
  const a = constant(one);
  let x0 = a, x1 = a, x2 = a, x3 = a, x4 = a, x5 = a, x6 = a, x7 = a, x8 = a, x9 = a, x10 = a, x11 = a;
  while (rounds-- > 0) {
    x0 = madd(x0, m, a);
    x1 = madd(x1, m, a);
    x2 = madd(x2, m, a);
    x3 = madd(x3, m, a);
    x4 = madd(x4, m, a);
    x5 = madd(x5, m, a);
    x6 = madd(x6, m, a);
    x7 = madd(x7, m, a);
    x8 = madd(x8, m, a);
    x9 = madd(x9, m, a);
    x10 = madd(x10, m, a);
    x11 = madd(x11, m, a);
  }
  x0 = f32x4.add(f32x4.add(x0, x1), f32x4.add(x2, x3));
  x4 = f32x4.add(f32x4.add(x4, x5), f32x4.add(x6, x7));
  x8 = f32x4.add(f32x4.add(x8, x9), f32x4.add(x10, x11));
  return f32x4.extract_lane(f32x4.add(f32x4.add(x0, x4), x8), 0);
}

/** The floor of whatever reads `bytes` (a multiple of 64) at `from`: loads, and an OR that takes one cycle. */
export function readFloor(from: usize, bytes: usize): u32 {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  for (const end = from + bytes; from < end; from += 64) {
    a = v128.or(a, v128.load(from));
    b = v128.or(b, v128.load(from, 16));
    c = v128.or(c, v128.load(from, 32));
    d = v128.or(d, v128.load(from, 48));
  }
  a = v128.or(v128.or(a, b), v128.or(c, d));
  return i32x4.extract_lane(a, 0) | i32x4.extract_lane(a, 1) | i32x4.extract_lane(a, 2) | i32x4.extract_lane(a, 3);
}
