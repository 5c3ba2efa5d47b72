/**
 * The two matrix products of Winograd's convolution, one for each of the 36 points x of the transform.
 *
 *   products       M[x][t][o] = Σc V[x][t][c] · U[x][c][o]          t tile, c input channel, o output channel
 *   productsGrad   dU[x][c][o] = Σt V[x][t][c] · A[x][t][o]
 *
 *   V        [36][T][C]
 *   U, dU    [36][O/16][C][16 channels]     the last panel is [C][8] where no more than 8 channels remain for it
 *   M, A     [36][O/16][T][16 channels]     likewise
 *
 * Order: point; panel of sixteen outputs, which stays in L1; two tiles (or two channels); the sum innermost. The register tile is
 * that of gemmTile.ts, 2 × 16, and its loop is written for the same reasons as there: one for both products, which differ in how far it is
 * from one of the two rows to the other and from one step to the next. A last panel of eight takes tiles of 4 × 8.
 *
 * The sums run over c and over t in order, whatever block a tile is in: a tile gets the same bits in any batch. Rows are done in twos
 * (in a last panel in fours); what that writes behind the last one nobody reads.
 */
import { madd } from "../../how/simd";
import { Grid } from "./winogradGrid";

/** Channels with those that fill up the last panel. */
// @ts-ignore: decorator
@inline
export function panelWidth(channels: usize): usize {
  return (channels + 7) & ~7;
}

/** Bytes of a row in the panel that begins at a channel with which `left` remain. */
// @ts-ignore: decorator
@inline
export function panelRow(left: usize): usize {
  return left > 8 ? 64 : 32;
}

/** M = V·U for `outputs` channels. A panel of M has room for `tiles`, a multiple of 4. */
export function products(
  grid: Grid, v: usize, u: usize, m: usize, tiles: usize, channels: usize, outputs: usize,
  vPlane: usize, uPlane: usize, mPlane: usize,
): void {
  const row = channels << 2;
  for (let point: usize = 0; point < 36; point++) {
    const rows = grid.tilesAt(point / 6, point % 6);
    for (let o: usize = 0; o < outputs; o += 16) {
      const panel = u + o * row, to = m + ((o * tiles) << 2);
      if (outputs - o > 8) tiles2x16(v, row, row << 1, 4, panel, to, rows, channels, true);
      else tiles4x8(v, row, row << 2, 4, panel, to, rows, channels, true);
    }
    v += vPlane;
    u += uPlane;
    m += mPlane;
  }
}

/**
 * dU (+)= Vᵀ·A for `outputs` channels; `channels` is a multiple of 4. The sum of a block is taken in registers and then added to what earlier
 * blocks left, unless `first` is set: two levels lose fewer digits than one long sum. A panel of A has room for `tiles`.
 */
export function productsGrad(
  grid: Grid, v: usize, a: usize, dU: usize, tiles: usize, channels: usize, outputs: usize,
  vPlane: usize, aPlane: usize, uPlane: usize, first: bool,
): void {
  const row = channels << 2;
  for (let point: usize = 0; point < 36; point++) {
    const depth = grid.tilesAt(point / 6, point % 6);
    for (let o: usize = 0; o < outputs; o += 16) {
      const panel = a + ((o * tiles) << 2), to = dU + o * row;
      if (depth == 0) {
        if (first) memory.fill(to, 0, channels * panelRow(outputs - o));
      } else if (outputs - o > 8) tiles2x16(v, 4, 8, row, panel, to, channels, depth, first);
      else tiles4x8(v, 4, 16, row, panel, to, channels, depth, first);
    }
    v += vPlane;
    a += aPlane;
    dU += uPlane;
  }
}

/** Pairs of rows times a panel: the rows of a pair are `second` bytes apart, pairs `next`, and from one term of the sum to the next it is `step`. */
// @ts-ignore: decorator
@inline
function tiles2x16(
  v: usize, second: usize, next: usize, step: usize, panel: usize, out: usize, rows: usize, depth: usize, first: bool,
): void {
  for (let i: usize = 0; i < rows; i += 2, v += next, out += 128) {
    let x = v, x1 = v + second, w = panel, left = depth;
    let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c02 = f32x4.splat(0), c03 = f32x4.splat(0);
    let c10 = f32x4.splat(0), c11 = f32x4.splat(0), c12 = f32x4.splat(0), c13 = f32x4.splat(0);
    while (true) {
      {
        const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), b0 = v128.load(w);
        c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10);
        if (x == 0) break;
        const b1 = v128.load(w, 16), b2 = v128.load(w, 32), b3 = v128.load(w, 48);
        c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c02 = madd(a0, b2, c02);
        c12 = madd(a1, b2, c12); c03 = madd(a0, b3, c03); c13 = madd(a1, b3, c13);
        x += step; x1 += step;
        if (left == 1) break;
      }
      {
        const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), b0 = v128.load(w, 64);
        c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10);
        if (x == 0) break;
        const b1 = v128.load(w, 80), b2 = v128.load(w, 96), b3 = v128.load(w, 112);
        c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c02 = madd(a0, b2, c02);
        c12 = madd(a1, b2, c12); c03 = madd(a0, b3, c03); c13 = madd(a1, b3, c13);
        x += step; x1 += step;
        if (left == 2) break;
      }
      {
        const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), b0 = v128.load(w, 128);
        c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10);
        if (x == 0) break;
        const b1 = v128.load(w, 144), b2 = v128.load(w, 160), b3 = v128.load(w, 176);
        c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c02 = madd(a0, b2, c02);
        c12 = madd(a1, b2, c12); c03 = madd(a0, b3, c03); c13 = madd(a1, b3, c13);
        x += step; x1 += step;
        if (left == 3) break;
      }
      {
        const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), b0 = v128.load(w, 192);
        c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10);
        if (x == 0) break;
        const b1 = v128.load(w, 208), b2 = v128.load(w, 224), b3 = v128.load(w, 240);
        c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c02 = madd(a0, b2, c02);
        c12 = madd(a1, b2, c12); c03 = madd(a0, b3, c03); c13 = madd(a1, b3, c13);
        x += step; x1 += step;
        if (left == 4) break;
      }
      {
        const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), b0 = v128.load(w, 256);
        c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10);
        if (x == 0) break;
        const b1 = v128.load(w, 272), b2 = v128.load(w, 288), b3 = v128.load(w, 304);
        c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c02 = madd(a0, b2, c02);
        c12 = madd(a1, b2, c12); c03 = madd(a0, b3, c03); c13 = madd(a1, b3, c13);
        x += step; x1 += step;
        if (left == 5) break;
      }
      {
        const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), b0 = v128.load(w, 320);
        c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10);
        if (x == 0) break;
        const b1 = v128.load(w, 336), b2 = v128.load(w, 352), b3 = v128.load(w, 368);
        c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c02 = madd(a0, b2, c02);
        c12 = madd(a1, b2, c12); c03 = madd(a0, b3, c03); c13 = madd(a1, b3, c13);
        x += step; x1 += step;
        if (left == 6) break;
      }
      {
        const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), b0 = v128.load(w, 384);
        c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10);
        if (x == 0) break;
        const b1 = v128.load(w, 400), b2 = v128.load(w, 416), b3 = v128.load(w, 432);
        c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c02 = madd(a0, b2, c02);
        c12 = madd(a1, b2, c12); c03 = madd(a0, b3, c03); c13 = madd(a1, b3, c13);
        x += step; x1 += step;
        if (left == 7) break;
      }
      {
        const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), b0 = v128.load(w, 448);
        c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10);
        if (x == 0) break;
        const b1 = v128.load(w, 464), b2 = v128.load(w, 480), b3 = v128.load(w, 496);
        c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c02 = madd(a0, b2, c02);
        c12 = madd(a1, b2, c12); c03 = madd(a0, b3, c03); c13 = madd(a1, b3, c13);
        x += step; x1 += step;
        if (left == 8) break;
        w += 512; left -= 8;
      }
    }
    if (!first) {
      c00 = f32x4.add(v128.load(out), c00); c01 = f32x4.add(v128.load(out, 16), c01);
      c02 = f32x4.add(v128.load(out, 32), c02); c03 = f32x4.add(v128.load(out, 48), c03);
      c10 = f32x4.add(v128.load(out, 64), c10); c11 = f32x4.add(v128.load(out, 80), c11);
      c12 = f32x4.add(v128.load(out, 96), c12); c13 = f32x4.add(v128.load(out, 112), c13);
    }
    v128.store(out, c00); v128.store(out, c01, 16); v128.store(out, c02, 32); v128.store(out, c03, 48);
    v128.store(out, c10, 64); v128.store(out, c11, 80); v128.store(out, c12, 96); v128.store(out, c13, 112);
  }
}

/** The same for rows in fours and a panel of eight. */
// @ts-ignore: decorator
@inline
function tiles4x8(
  v: usize, second: usize, next: usize, step: usize, panel: usize, out: usize, rows: usize, depth: usize, first: bool,
): void {
  const end = panel + (depth << 5);
  for (let i: usize = 0; i < rows; i += 4, v += next, out += 128) {
    let x = v, x1 = x + second, x2 = x1 + second, x3 = x2 + second, w = panel;
    let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
    let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
    while (true) {
      const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), a2 = v128.load32_splat(x2), a3 = v128.load32_splat(x3);
      const b0 = v128.load(w), b1 = v128.load(w, 16);
      c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10); c20 = madd(a2, b0, c20); c30 = madd(a3, b0, c30);
      c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c21 = madd(a2, b1, c21); c31 = madd(a3, b1, c31);
      w += 32; x += step; x1 += step; x2 += step; x3 += step;
      if (w == end) break;
    }
    if (!first) {
      c00 = f32x4.add(v128.load(out), c00); c01 = f32x4.add(v128.load(out, 16), c01);
      c10 = f32x4.add(v128.load(out, 32), c10); c11 = f32x4.add(v128.load(out, 48), c11);
      c20 = f32x4.add(v128.load(out, 64), c20); c21 = f32x4.add(v128.load(out, 80), c21);
      c30 = f32x4.add(v128.load(out, 96), c30); c31 = f32x4.add(v128.load(out, 112), c31);
    }
    v128.store(out, c00); v128.store(out, c01, 16);
    v128.store(out, c10, 32); v128.store(out, c11, 48);
    v128.store(out, c20, 64); v128.store(out, c21, 80);
    v128.store(out, c30, 96); v128.store(out, c31, 112);
  }
}
