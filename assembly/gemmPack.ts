/**
 * Packing: copies a block of a matrix into panels that the tiles read from front to back, without strides that are powers
 * of two (they fall into one L1 set).
 *
 *     panel of 8 columns of B:   k=0: b0 … b7 | k=1: b0 … b7 | …        kc · 32 bytes
 *     panel of 4 rows of A:      k=0: a0 … a3 | k=1: a0 … a3 | …        kc · 16 bytes
 *
 * Where k runs along the rows of the source, a panel is a copy; where it runs along the columns, it is made of 4 × 4
 * transpositions. A panel that hangs over the edge holds garbage there, which the tiles compute with and drop.
 * Behind the last panel 96 bytes may be written: a k that is no multiple of 4 is transposed with what lies next to it.
 */
import { interleaveHigh, interleaveLow, joinHigh, joinLow } from "./simd";

/** Panels of 8 from a source whose rows are k: `source + k · stride` (bytes). */
export function packCopy8(source: usize, stride: usize, count: u32, kc: u32, to: usize): void {
  for (let j: u32 = 0; j < count; j += 8) {
    let at = source + ((<usize>j) << 2);
    for (const end = to + ((<usize>kc) << 5); to != end; to += 32, at += stride) {
      v128.store(to, v128.load(at));
      v128.store(to, v128.load(at, 16), 16);
    }
  }
}

/** Panels of 4 from a source whose rows are k. */
export function packCopy4(source: usize, stride: usize, count: u32, kc: u32, to: usize): void {
  for (let i: u32 = 0; i < count; i += 4) {
    let at = source + ((<usize>i) << 2);
    for (const end = to + ((<usize>kc) << 4); to != end; to += 16, at += stride) v128.store(to, v128.load(at));
  }
}

/** Panels of 8 from a source whose columns are k: row j at `source + j · stride`. */
export function packTransposed8(source: usize, stride: usize, count: u32, kc: u32, to: usize): void {
  for (let j: u32 = 0; j < count; j += 8, to += (<usize>kc) << 5) {
    transposeStrip(source, stride, j, count, kc, to, 32);
    if (j + 4 < count) transposeStrip(source, stride, j + 4, count, kc, to + 16, 32);
  }
}

/** Panels of 4 from a source whose columns are k. */
export function packTransposed4(source: usize, stride: usize, count: u32, kc: u32, to: usize): void {
  for (let i: u32 = 0; i < count; i += 4, to += (<usize>kc) << 4) {
    transposeStrip(source, stride, i, count, kc, to, 16);
  }
}

/** Four rows, from row i on, become vectors of 4 at `to + k · step`. Rows beyond the last repeat row i. */
// @ts-ignore: decorator
@inline
function transposeStrip(source: usize, stride: usize, i: u32, count: u32, kc: u32, to: usize, step: usize): void {
  let r0 = source + (<usize>i) * stride;
  let r1 = i + 1 < count ? r0 + stride : r0;
  let r2 = i + 2 < count ? r1 + stride : r0;
  let r3 = i + 3 < count ? r2 + stride : r0;
  for (let k: u32 = 0; k < kc; k += 4, r0 += 16, r1 += 16, r2 += 16, r3 += 16) {
    const v0 = v128.load(r0), v1 = v128.load(r1), v2 = v128.load(r2), v3 = v128.load(r3);
    const low01 = interleaveLow(v0, v1), high01 = interleaveHigh(v0, v1);
    const low23 = interleaveLow(v2, v3), high23 = interleaveHigh(v2, v3);
    v128.store(to, joinLow(low01, low23));
    v128.store(to + step, joinHigh(low01, low23));
    v128.store(to + 2 * step, joinLow(high01, high23));
    v128.store(to + 3 * step, joinHigh(high01, high23));
    to += 4 * step;
  }
}
