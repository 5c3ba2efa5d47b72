/**
 * Packing: copies a block of a matrix into panels that the tiles read from front to back, without strides that are powers
 * of two (they fall into one L1 set).
 *
 *     panel of 16 columns of B:  k=0: b0 … b15 | k=1: b0 … b15 | …      kc · 64 bytes
 *     panel of 2 rows of A:      k=0: a0 a1 | k=1: a0 a1 | …            kc · 8 bytes
 *
 * Where k runs along the rows of the source, a panel is a copy; where it runs along the columns, rows are interleaved. A panel that
 * hangs over the edge holds garbage there, which the tiles compute with and drop. Behind the last panel 192 bytes may be
 * written: a k that is no multiple of 4 is turned together with what lies next to it.
 */
import { interleaveHigh, interleaveLow, joinHigh, joinLow } from "../../how/simd";

/** Panels of 16 from a source whose rows are k: `source + k · stride` (bytes). */
export function packCopy16(source: usize, stride: usize, count: u32, kc: u32, to: usize): void {
  for (let j: u32 = 0; j < count; j += 16) {
    let at = source + ((<usize>j) << 2);
    for (const end = to + ((<usize>kc) << 6); to != end; to += 64, at += stride) {
      v128.store(to, v128.load(at));
      v128.store(to, v128.load(at, 16), 16);
      v128.store(to, v128.load(at, 32), 32);
      v128.store(to, v128.load(at, 48), 48);
    }
  }
}

/**
 * Panels of 2 from a source whose rows are k: two k of four panels at a time, for a line of the source that is visited once for each
 * panel may have left the cache in between. Up to three panels beyond the last are filled with whatever lies there.
 */
export function packCopy2(source: usize, stride: usize, count: u32, kc: u32, to: usize): void {
  const panel = (<usize>kc) << 3;
  for (let i: u32 = 0; i < count; i += 8, source += 32, to += panel << 2) {
    let at = source, p0 = to, p2 = to + (panel << 1);
    for (const end = to + ((<usize>(kc & ~1)) << 3); p0 != end; p0 += 16, p2 += 16, at += stride << 1) {
      const low = v128.load(at), high = v128.load(at, 16);
      const nextLow = v128.load(at + stride), nextHigh = v128.load(at + stride, 16);
      v128.store(p0, joinLow(low, nextLow));
      v128.store(p0 + panel, joinHigh(low, nextLow));
      v128.store(p2, joinLow(high, nextHigh));
      v128.store(p2 + panel, joinHigh(high, nextHigh));
    }
    if (kc & 1) {
      store<u64>(p0, load<u64>(at));
      store<u64>(p0 + panel, load<u64>(at, 8));
      store<u64>(p2, load<u64>(at, 16));
      store<u64>(p2 + panel, load<u64>(at, 24));
    }
  }
}

/** Panels of 16 from a source whose columns are k: row j at `source + j · stride`. */
export function packTransposed16(source: usize, stride: usize, count: u32, kc: u32, to: usize): void {
  for (let j: u32 = 0; j < count; j += 16, to += (<usize>kc) << 6) {
    const last = min(j + 16, count);
    for (let i = j, at = to; i < last; i += 4, at += 16) transposeStrip(source, stride, i, count, kc, at);
  }
}

/** Panels of 2 from a source whose columns are k. */
export function packTransposed2(source: usize, stride: usize, count: u32, kc: u32, to: usize): void {
  for (let i: u32 = 0; i < count; i += 2, to += (<usize>kc) << 3) {
    let r0 = source + (<usize>i) * stride;
    let r1 = i + 1 < count ? r0 + stride : r0;
    let at = to;
    for (let k: u32 = 0; k < kc; k += 4, r0 += 16, r1 += 16, at += 32) {
      const v0 = v128.load(r0), v1 = v128.load(r1);
      v128.store(at, interleaveLow(v0, v1));
      v128.store(at, interleaveHigh(v0, v1), 16);
    }
  }
}

/** Four rows, from row i on, become vectors of 4 at `to + 64 · k`. Rows beyond the last repeat row i. */
// @ts-ignore: decorator
@inline
function transposeStrip(source: usize, stride: usize, i: u32, count: u32, kc: u32, to: usize): void {
  let r0 = source + (<usize>i) * stride;
  let r1 = i + 1 < count ? r0 + stride : r0;
  let r2 = i + 2 < count ? r1 + stride : r0;
  let r3 = i + 3 < count ? r2 + stride : r0;
  for (let k: u32 = 0; k < kc; k += 4, r0 += 16, r1 += 16, r2 += 16, r3 += 16, to += 256) {
    const v0 = v128.load(r0), v1 = v128.load(r1), v2 = v128.load(r2), v3 = v128.load(r3);
    const low01 = interleaveLow(v0, v1), high01 = interleaveHigh(v0, v1);
    const low23 = interleaveLow(v2, v3), high23 = interleaveHigh(v2, v3);
    v128.store(to, joinLow(low01, low23));
    v128.store(to, joinHigh(low01, low23), 64);
    v128.store(to, joinLow(high01, high23), 128);
    v128.store(to, joinHigh(high01, high23), 192);
  }
}
