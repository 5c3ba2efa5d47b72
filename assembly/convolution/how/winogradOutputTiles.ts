/**
 * Y = Aᵀ M A + bias, from Winograd's domain back to NCHW.
 *
 *   M   [36][O/16][T][16 channels]     tiles in the order of winogradGrid.ts, panels as in winogradMatmul.ts
 *
 * As in winogradInputTiles.ts, but the second pass stays in registers: bias and the transposition follow on its results. Parts of tiles that
 * lie outside the image are not written.
 */
import { constant, half } from "../../how/math";
import { interleaveHigh, interleaveLow, joinHigh, joinLow } from "../../how/simd";
import { Grid } from "./winogradGrid";
import { panelRow } from "./winogradMatmul";
import { placeA, placeB, transformOutput, transformOutput2, two } from "./winogradTransforms";

/**
 * The tiles of image number `n` of the block; a panel of M has room for `tiles`. `y` is the plane of the first of `channels` channels (a
 * multiple of 4), `top` the row of the first tiles in it.
 */
export function outputTiles(
  grid: Grid, n: usize, m: usize, tiles: usize, y: usize, bias: usize, channels: usize, height: usize, width: usize,
  top: usize, plane: usize, scratch: usize,
): void {
  const rows = grid.rows, columns = grid.columns, edgeColumn = grid.edgeColumn;
  for (let r: usize = 0; r < rows; r++, top += 4) {
    const valid = min<usize>(4, height - top);
    let at = y + ((top * width) << 2), left = width;
    for (let c: usize = 0; c < columns; c++, at += 16, left -= 4) {
      const tile = grid.full(n, r, c);
      outputTile(m, tile, 0, tiles, at, bias, channels, height, width, valid, left, plane, scratch, false, false);
    }
    if (edgeColumn) {
      const tile = grid.inEdgeColumn(n, r);
      outputTile(m, tile, 0, tiles, at, bias, channels, height, width, valid, left, plane, scratch, false, true);
    }
  }
  if (!grid.edgeRow) return;
  const valid = min<usize>(2, height - top), shift = grid.edgeRowShift;
  let at = y + ((top * width) << 2), left = width;
  for (let c: usize = 0; c < columns; c++, at += 16, left -= 4) {
    const tile = grid.inEdgeRow(n, c);
    outputTile(m, tile, shift, tiles, at, bias, channels, height, width, valid, left, plane, scratch, true, false);
  }
  if (edgeColumn) {
    outputTile(m, grid.corner(n), 0, tiles, at, bias, channels, height, width, valid, left, plane, scratch, true, true);
  }
}

/** The first pass of a tile, over columns of points, into rows of six vectors; an edge tile has only two rows, and four vectors in them. */
// @ts-ignore: decorator
@inline
function outputColumns(from: usize, shift: usize, plane: usize, scratch: usize, edgeRow: bool, edgeColumn: bool): void {
  for (let at = scratch; at < scratch + 96; at += 16, from += plane) {
    if (edgeColumn && at == scratch + 48) (at += 32), (from += 2 * plane);
    if (edgeRow) {
      const isB = !edgeColumn && (at == scratch + 48 || at == scratch + 64);
      const column = isB ? from - shift : from;
      transformOutput2(column, 6 * plane, column + 30 * plane, at, 96);
    } else transformOutput(from, 6 * plane, at, 96);
  }
}

// @ts-ignore: decorator
@inline
function outputTile(
  m: usize, tile: usize, shift: usize, tiles: usize, to: usize, bias: usize, channels: usize, height: usize, width: usize,
  valid: usize, left: usize, plane: usize, scratch: usize, edgeRow: bool, edgeColumn: bool,
): void {
  const image = (height * width) << 2;
  const line = width << 2;
  for (let o: usize = 0; o < channels; o += 4, to += image << 2) {
    const first = o & ~15, row = panelRow(channels - first);
    const from = m + ((first * tiles) << 2) + tile * row + ((o & 15) << 2);
    outputColumns(from, shift * row, plane, scratch, edgeRow, edgeColumn);
    const b = bias ? v128.load(bias + (o << 2)) : f32x4.splat(0);
    let at = scratch;
    for (let pixels = to; pixels < to + valid * line; pixels += line, at += 96) {
      const m0 = v128.load(at), m1 = v128.load(at, 16), m2 = v128.load(at, 32), m5 = v128.load(at, 80);
      const evenA = f32x4.add(m1, m2), oddA = f32x4.mul(constant(placeA), f32x4.sub(m1, m2));
      if (edgeColumn) {
        const p0 = f32x4.add(f32x4.add(m0, evenA), b), p1 = f32x4.add(f32x4.add(oddA, m5), b);
        const low = interleaveLow(p0, p1), high = interleaveHigh(p0, p1);
        storePixels2(pixels, low, high, image, left);
      } else {
        const m3 = v128.load(at, 48), m4 = v128.load(at, 64);
        const evenB = f32x4.add(m3, m4), oddB = f32x4.mul(constant(placeB), f32x4.sub(m3, m4));
        let p0 = f32x4.add(f32x4.add(m0, evenA), evenB);
        let p1 = f32x4.add(oddA, oddB);
        let p2 = f32x4.add(f32x4.mul(constant(half), evenA), f32x4.mul(constant(two), evenB));
        let p3 = f32x4.add(f32x4.add(f32x4.mul(constant(half), oddA), f32x4.mul(constant(two), oddB)), m5);
        p0 = f32x4.add(p0, b);
        p1 = f32x4.add(p1, b);
        p2 = f32x4.add(p2, b);
        p3 = f32x4.add(p3, b);
        const low0 = interleaveLow(p0, p1), low1 = interleaveLow(p2, p3);
        const high0 = interleaveHigh(p0, p1), high1 = interleaveHigh(p2, p3);
        storePixels(pixels, joinLow(low0, low1), left);
        storePixels(pixels + image, joinHigh(low0, low1), left);
        storePixels(pixels + 2 * image, joinLow(high0, high1), left);
        storePixels(pixels + 3 * image, joinHigh(high0, high1), left);
      }
    }
  }
}

/** Four pixels, or the three that are left. */
// @ts-ignore: decorator
@inline
function storePixels(to: usize, pixels: v128, left: usize): void {
  if (left >= 4) v128.store(to, pixels);
  else {
    v128.store64_lane(to, pixels, 0);
    v128.store32_lane(to, pixels, 2, 8);
  }
}

/** The two pixels of four channels, two in each vector, or the one that is left. */
// @ts-ignore: decorator
@inline
function storePixels2(to: usize, low: v128, high: v128, image: usize, left: usize): void {
  if (left == 2) {
    v128.store64_lane(to, low, 0);
    v128.store64_lane(to + image, low, 1);
    v128.store64_lane(to + 2 * image, high, 0);
    v128.store64_lane(to + 3 * image, high, 1);
  } else {
    v128.store32_lane(to, low, 0);
    v128.store32_lane(to + image, low, 2);
    v128.store32_lane(to + 2 * image, high, 0);
    v128.store32_lane(to + 3 * image, high, 2);
  }
}
