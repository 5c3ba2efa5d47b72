/**
 * 3 × 3 convolution with stride 1 by Winograd's F(4×4, 3×3): a tile of 4 × 4 outputs takes 36 products for each pair of channels
 * instead of 144, and an edge of one or two pixels takes tiles of F(2) (winogradGrid.ts).
 *
 *   y = Aᵀ[ Σc (G g Gᵀ) ⊙ (Bᵀ d B) ]A          d 6 × 6 inputs, g 3 × 3 taps, y 4 × 4 outputs
 *
 *   x ──pad──▶ X ──inputTiles──▶ V = Bᵀ x B ──products──▶ M = V·U ──outputTiles──▶ y = Aᵀ M A + bias          U = G g Gᵀ
 *
 * The work is cut into blocks of tiles: `images` whole images where they are small, or bands of `rows` tile rows where they are
 * large, so that V and M of a block stay in L2. Where there are few blocks (a batch of one), their output channels are
 * cut into `parts` too, each of which transforms the input again. None of this changes a bit of the result: a tile is always
 * computed in the same way, wherever it lies.
 *
 * A unit u of work is part u mod parts of block u / parts; block k is band k mod bands of the images from k / bands · images.
 * winogradGradients.ts has the other direction.
 */
import { interleaveHigh, interleaveLow, joinHigh, joinLow } from "../how/simd";
import { Grid, gridBytes, layGrid, planeBytes, tilesAlong, transformBytes } from "./how/winogradGrid";
import { inputTiles } from "./how/winogradInputTiles";
import { panelRow, panelWidth, products } from "./how/winogradMatmul";
import { outputTiles } from "./how/winogradOutputTiles";
import { mostPixelBytes, pad, pixelBytes, rowBytes } from "./how/winogradPad";
import { transformWeight } from "./how/winogradTransforms";

/** The distance of two planes of U and of dU, which have all outputs. */
// @ts-ignore: decorator
@inline
export function weightPlane(channels: usize, outputs: usize): usize {
  return planeBytes(channels * panelWidth(outputs));
}

/**
 * U = G g Gᵀ for the panels [from, to) of sixteen outputs (winogradMatmul.ts); places behind the last output are zero.
 * `outStride` and `inStride` are the floats from a filter to the next by output and by input channel. With `turn` the taps are
 * turned by half a turn. `scratch` takes 27 vectors. Both channel counts are multiples of 4.
 */
export function winogradWeights(
  weight: usize, u: usize, channels: u32, outputs: u32, outStride: u32, inStride: u32, turn: u32,
  scratch: usize, from: u32, to: u32,
): void {
  const plane = weightPlane(channels, outputs);
  const out = <usize>outStride << 2;
  for (let o: u32 = from << 4; o < min(to << 4, <u32>panelWidth(outputs)); o += 4) {
    const row = panelRow(outputs - (o & ~15));
    let at = u + ((<usize>((o & ~15) * channels)) << 2) + ((<usize>(o & 15)) << 2);
    if (o >= outputs) {
      for (let c: u32 = 0; c < channels; c++, at += row) {
        for (let point: usize = 0; point < 36; point++) v128.store(at + point * plane, f32x4.splat(0));
      }
      continue;
    }
    let taps = weight + <usize>o * out;
    for (let c: u32 = 0; c < channels; c++, at += row, taps += <usize>inStride << 2) {
      gatherTaps(taps, out, scratch, turn);
      for (let column: usize = 0; column < 48; column += 16) {
        transformWeight(scratch + column, 48, scratch + 144 + column, 48);
      }
      let line = at;
      for (let from = scratch + 144; from < scratch + 432; from += 48, line += 6 * plane) {
        transformWeight(from, 16, line, plane);
      }
    }
  }
}

/** The nine taps of four filters as nine vectors. */
// @ts-ignore: decorator
@inline
function gatherTaps(taps: usize, stride: usize, to: usize, turn: u32): void {
  let step: usize = 16;
  if (turn) {
    to += 128;
    step = -16;
  }
  for (let quarter: usize = 0; quarter < 32; quarter += 16) {
    const from = taps + quarter;
    const a = v128.load(from), b = v128.load(from + stride), c = v128.load(from + 2 * stride), d = v128.load(from + 3 * stride);
    const ab = interleaveLow(a, b), cd = interleaveLow(c, d);
    const abHigh = interleaveHigh(a, b), cdHigh = interleaveHigh(c, d);
    v128.store(to, joinLow(ab, cd));
    to += step;
    v128.store(to, joinHigh(ab, cd));
    to += step;
    v128.store(to, joinLow(abHigh, cdHigh));
    to += step;
    v128.store(to, joinHigh(abHigh, cdHigh));
    to += step;
  }
  let last = v128.load32_zero(taps + 32);
  last = v128.load32_lane(taps + stride + 32, last, 1);
  last = v128.load32_lane(taps + 2 * stride + 32, last, 2);
  last = v128.load32_lane(taps + 3 * stride + 32, last, 3);
  v128.store(to, last);
}

/**
 * Bytes of scratch that one thread of `winogradConvolve` or `winogradGradients` needs for blocks of `images` bands of `rows` × `columns` tiles,
 * from `channels` to `outputs` channels of one part, a multiple of 8.
 */
export function winogradScratchBytes(channels: u32, outputs: u32, columns: u32, images: u32, rows: u32): usize {
  const tiles = (images * rows * columns + 3) & ~3;
  const pixel = max(mostPixelBytes(channels), mostPixelBytes(outputs));
  const padded = <usize>(4 * rows + 2) * rowBytes(4 * columns + 2, pixel);
  return gridBytes + transformBytes + padded + 36 * (planeBytes(<usize>tiles * channels) + planeBytes(<usize>tiles * outputs)) + 128;
}

/**
 * y = x ∗ g + bias (`bias` 0: none) for the units [from, to). U comes from `winogradWeights`. `top` rows and
 * `left` columns of zeros lie before the image. C and O are multiples of 4, `partOutputs` of 16 if there is more than one part.
 */
export function winogradConvolve(
  x: usize, u: usize, bias: usize, y: usize,
  N: i32, C: i32, H: i32, W: i32, O: i32, outH: i32, outW: i32, top: i32, left: i32,
  images: i32, rows: i32, partOutputs: i32, scratch: usize, from: i32, to: i32,
): void {
  const bands = (tilesAlong(outH) + rows - 1) / rows;
  const parts = (O + partOutputs - 1) / partOutputs;
  const grid = changetype<Grid>(scratch);
  const transform = scratch + gridBytes;
  const padded = transform + transformBytes;
  const pixel = pixelBytes(C);
  const imageIn = (<usize>C * <usize>H * <usize>W) << 2;
  const planeOut = (<usize>outH * <usize>outW) << 2;
  const uPlane = weightPlane(C, O);
  let transformed = -1;
  for (let unit = from; unit < to; unit++) {
    const block = unit / parts;
    const o = (unit - block * parts) * partOutputs;
    const outputs = min(partOutputs, O - o);
    const first = block / bands * images;
    const band = block % bands * rows;
    const count = min(images, N - first);
    layGrid(grid, count, outH, outW, band, rows);
    const padRows = 4 * <i32>grid.rows + 2 * <i32>grid.edgeRow + 2;
    const padColumns = 4 * <i32>grid.columns + 2 * <i32>grid.edgeColumn + 2;
    const line = rowBytes(padColumns, pixel);
    const tiles = (grid.tiles + 3) & ~3;
    const vPlane = planeBytes(tiles * C);
    const mPlane = planeBytes(tiles * panelWidth(outputs));
    const v = (padded + <usize>padRows * line + 63) & ~63;
    const m = v + 36 * vPlane;
    if (block != transformed) {
      transformed = block;
      for (let n = 0; n < count; n++) {
        pad(x + <usize>(first + n) * imageIn, padded, C, H, W, 4 * band - top, -left, padRows, padColumns);
        inputTiles(grid, n, padded, line, pixel, v, C, vPlane, transform);
      }
    }
    products(grid, v, u + ((<usize>o * <usize>C) << 2), m, tiles, C, outputs, vPlane, uPlane, mPlane);
    for (let n = 0; n < count; n++) {
      const to = y + (<usize>(first + n) * O + o) * planeOut;
      outputTiles(grid, n, m, tiles, to, bias ? bias + (<usize>o << 2) : 0, outputs, outH, outW, 4 * band, mPlane, transform);
    }
  }
}
