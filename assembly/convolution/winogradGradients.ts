/**
 * Both gradients of Winograd's convolution, winograd.ts, from one transform of dy.
 *
 * The input gradient is the convolution of dy with the filters turned by half a turn, over tiles of dx. The weight gradient of the turned
 * filter g′ is the sum of the products of the same tiles of dy with those of x, which lie where those of dx do:
 *
 *   dx = Aᵀ[ Σo (G g′ Gᵀ) ⊙ (Bᵀ dy B) ]A          dg′ = Gᵀ[ Σ tiles  (Bᵀ dy B) ⊙ (A x Aᵀ) ]G
 *
 *   dy ──pad──▶ ──inputTiles──▶ V ─┬─ · U′ ──▶ M ──outputTiles──▶ dx             V  [36][T][O]
 *   x ──pad──▶ ──pixelTiles──▶ A ──┴─ Vᵀ·A ──▶ dU, one of each slot ──▶ Σ slots, in their order ──▶ dg = Gᵀ dU G, turned back
 *
 * Blocks of tiles are cut as in winograd.ts, parts by the channels of x. Blocks are summed in slots, so that threads have something to share out
 * whose sums do not depend on their number.
 */
import { Grid, gridBytes, layGrid, planeBytes, tilesAlong, transformBytes } from "./how/winogradGrid";
import { inputTiles } from "./how/winogradInputTiles";
import { panelRow, panelWidth, products, productsGrad } from "./how/winogradMatmul";
import { outputTiles } from "./how/winogradOutputTiles";
import { pad, pixelBytes, rowBytes } from "./how/winogradPad";
import { pixelTiles } from "./how/winogradPixelTiles";
import { transformWeightGrad } from "./how/winogradTransforms";
import { weightPlane } from "./winograd";

/**
 * dx (0: not wanted) and dU (0: not wanted) for the units [from, to): unit u is part u mod parts of the slot u / parts, which sums
 * the blocks [slot · blocksPerSlot, (slot + 1) · blocksPerSlot) in order. `dU` holds one slot after the other, each [36][C/16][O][16].
 * U comes from `winogradWeights`, with the roles of C and O exchanged and the taps turned. `top` rows and `left` columns of zeros lay before x.
 * C is a multiple of 4, O of 4, `partChannels` of 16 if there is more than one part.
 */
export function winogradGradients(
  dy: usize, x: usize, u: usize, dx: usize, dU: usize,
  N: i32, C: i32, H: i32, W: i32, O: i32, outH: i32, outW: i32, top: i32, left: i32,
  images: i32, rows: i32, partChannels: i32, blocksPerSlot: i32, scratch: usize, from: i32, to: i32,
): void {
  const bands = (tilesAlong(H) + rows - 1) / rows;
  const blocks = (N + images - 1) / images * bands;
  const parts = (C + partChannels - 1) / partChannels;
  const grid = changetype<Grid>(scratch);
  const transform = scratch + gridBytes;
  const padded = transform + transformBytes;
  const pixel = pixelBytes(O);
  const imageOut = (<usize>O * <usize>outH * <usize>outW) << 2;
  const planeIn = (<usize>H * <usize>W) << 2;
  const uPlane = weightPlane(O, C);
  let transformed = -1;
  for (let unit = from; unit < to; unit++) {
    const slot = unit / parts;
    const c = (unit - slot * parts) * partChannels;
    const channels = min(partChannels, C - c);
    const xPixel = pixelBytes(channels);
    const target = dU + <usize>slot * 36 * uPlane + ((<usize>c * <usize>O) << 2);
    const firstBlock = slot * blocksPerSlot;
    for (let block = firstBlock; block < min(firstBlock + blocksPerSlot, blocks); block++) {
      const first = block / bands * images;
      const band = block % bands * rows;
      const count = min(images, N - first);
      layGrid(grid, count, H, W, band, rows);
      const bandRows = 4 * <i32>grid.rows + 2 * <i32>grid.edgeRow;
      const bandColumns = 4 * <i32>grid.columns + 2 * <i32>grid.edgeColumn;
      const line = rowBytes(bandColumns + 2, pixel), xLine = rowBytes(bandColumns, xPixel);
      const tiles = (grid.tiles + 3) & ~3;
      const vPlane = planeBytes(tiles * O);
      const mPlane = planeBytes(tiles * panelWidth(channels));
      const v = (padded + max(<usize>(bandRows + 2) * line, <usize>bandRows * xLine) + 63) & ~63;
      const m = v + 36 * vPlane;
      const image = x + (<usize>first * C + c) * planeIn, gradient = dx + (<usize>first * C + c) * planeIn;
      if (block != transformed) {
        transformed = block;
        for (let n = 0; n < count; n++) {
          const from = dy + <usize>(first + n) * imageOut;
          pad(from, padded, O, outH, outW, 4 * band - (2 - top), left - 2, bandRows + 2, bandColumns + 2);
          inputTiles(grid, n, padded, line, pixel, v, O, vPlane, transform);
        }
      }
      if (dx) {
        products(grid, v, u + ((<usize>c * <usize>O) << 2), m, tiles, O, channels, vPlane, uPlane, mPlane);
        for (let n = 0; n < count; n++) {
          outputTiles(grid, n, m, tiles, gradient + <usize>(n * C) * planeIn, 0, channels, H, W, 4 * band, mPlane, transform);
        }
      }
      if (dU) {
        for (let n = 0; n < count; n++) {
          pad(image + <usize>(n * C) * planeIn, padded, channels, H, W, 4 * band, 0, bandRows, bandColumns);
          pixelTiles(grid, n, padded, xLine, xPixel, m, tiles, channels, mPlane, transform);
        }
        productsGrad(grid, v, m, target, tiles, O, channels, vPlane, mPlane, uPlane, block == firstBlock);
      }
    }
  }
}

/**
 * dg = Gᵀ dU G, in OIHW, for the filters [8 · from, 8 · to) of O. First adds the slots of dU to its first one, in order and run by
 * run: a transform that read all of them at once would jump between 36 · `slots` places. Without a slot the result is zero. `scratch` takes 27
 * vectors.
 */
export function winogradGradWeightSum(
  dU: usize, dWeight: usize, C: u32, O: u32, slots: u32, scratch: usize, from: u32, to: u32,
): void {
  const plane = weightPlane(O, C);
  const first = from << 3, count = min(to << 3, O) - first;
  if (slots == 0) {
    memory.fill(dWeight + <usize>(first * C) * 36, 0, <usize>(count * C) * 36);
    return;
  }
  for (let c: u32 = 0; c < C; c += 16) {
    const row = panelRow(C - c);
    const start = dU + ((<usize>c * O) << 2) + <usize>first * row;
    for (let point: usize = 0; point < 36; point++) {
      const sum = start + point * plane;
      let source = sum;
      for (let slot: u32 = 1; slot < slots; slot++) {
        source += 36 * plane;
        for (let at: usize = 0; at < <usize>count * row; at += 16) {
          v128.store(sum + at, f32x4.add(v128.load(sum + at), v128.load(source + at)));
        }
      }
    }
    for (let o: u32 = 0; o < count; o++) {
      for (let quad: u32 = 0; quad < min<u32>(16, C - c); quad += 4) {
        let column = start + <usize>o * row + (<usize>quad << 2);
        for (let to = scratch; to < scratch + 96; to += 16, column += plane) {
          transformWeightGrad(column, 6 * plane, to, 96);
        }
        let taps = scratch + 288;
        for (let from = scratch; from < scratch + 288; from += 96, taps += 48) transformWeightGrad(from, 16, taps, 16);
        // The filter was turned by half a turn: its last tap comes first.
        const out = dWeight + <usize>((first + o) * C + c + quad) * 36;
        taps = scratch + 288;
        for (let to = out + 36; to > out; taps += 16) {
          to -= 4;
          const value = v128.load(taps);
          v128.store32_lane(to, value, 0);
          v128.store32_lane(to + 36, value, 1);
          v128.store32_lane(to + 72, value, 2);
          v128.store32_lane(to + 108, value, 3);
        }
      }
    }
  }
}
