/**
 * The weight gradient of Winograd's convolution, winograd.ts: dg = Gᵀ dU G, with dU = Vᵀ·dM summed over tiles and images in slots,
 * so that threads have something to share out whose sums do not depend on their number.
 *
 *   V = Bᵀ x B  ┐
 *               ├─▶  dU, one of each slot  ──▶  Σ slots, in their order  ──▶  dg = Gᵀ dU G
 *   dM = A dy Aᵀ┘
 */
import { weightPlane } from "./winograd";
import { productsGrad } from "./how/winogradMatmul";
import { gradTiles, inputTiles, mostPixelBytes, pad, pixelBytes, planeBytes, transformBytes } from "./how/winogradTiles";
import { transformWeightGrad } from "./how/winogradTransforms";

/**
 * dU of each slot for the units [from, to): unit u is part u mod parts of the slot u / parts, which sums the blocks
 * [slot · blocksPerSlot, (slot + 1) · blocksPerSlot) in order. `dU` holds one slot after the other, each [36][O/8][C][8].
 */
export function winogradGradWeight(
  x: usize, dY: usize, dU: usize,
  N: i32, C: i32, H: i32, W: i32, O: i32, outH: i32, outW: i32, top: i32, left: i32,
  images: i32, rows: i32, partOutputs: i32, blocksPerSlot: i32, scratch: usize, from: i32, to: i32,
): void {
  const columns = (outW + 3) >> 2;
  const tileRows = (outH + 3) >> 2;
  const bands = (tileRows + rows - 1) / rows;
  const blocks = ((N + images - 1) / images) * bands;
  const parts = (O + partOutputs - 1) / partOutputs;
  const paddedBytes = max(
    <usize>((4 * rows + 2) * (4 * columns + 2)) * pixelBytes(C),
    <usize>(16 * rows * columns) * mostPixelBytes(partOutputs),
  );
  const uPlane = weightPlane(C, O);
  const padded = scratch + transformBytes;
  const v = (padded + paddedBytes + 63) & ~63;
  const imageIn = (<usize>C * <usize>H * <usize>W) << 2;
  const planeOut = (<usize>outH * <usize>outW) << 2;
  for (let unit = from; unit < to; unit++) {
    const slot = unit / parts;
    const o = (unit - slot * parts) * partOutputs;
    const outputs = min(partOutputs, O - o);
    const target = dU + <usize>slot * 36 * uPlane + ((<usize>o * <usize>C) << 2);
    const firstBlock = slot * blocksPerSlot;
    const lastBlock = min(firstBlock + blocksPerSlot, blocks);
    for (let block = firstBlock; block < lastBlock; block++) {
      const group = block / bands;
      const band = (block - group * bands) * rows;
      const bandRows = min(rows, tileRows - band);
      const first = group * images;
      const count = min(images, N - first);
      const perImage = bandRows * columns;
      const tiles = <usize>(count * perImage);
      const vPlane = planeBytes(((tiles + 3) & ~3) * C);
      const m = v + 36 * vPlane;
      const mPlane = planeBytes(tiles * <usize>outputs);
      for (let n = 0; n < count; n++) {
        pad(
          x + <usize>(first + n) * imageIn, padded, C, H, W, 4 * band - top, -left,
          4 * bandRows + 2, 4 * columns + 2,
        );
        inputTiles(padded, v, n * perImage, C, bandRows, columns, vPlane, scratch);
        pad(
          dY + (<usize>(first + n) * O + o) * planeOut, padded, outputs, outH, outW, 4 * band, 0, 4 * bandRows, 4 * columns,
        );
        gradTiles(padded, m, n * perImage, tiles, outputs, bandRows, columns, mPlane, scratch);
      }
      productsGrad(v, m, target, tiles, C, outputs >> 3, vPlane, mPlane, uPlane, block == firstBlock);
    }
  }
}

/**
 * dg = Gᵀ dU G, in OIHW, for the panels [from, to) of eight outputs. First adds the slots of dU to its first one, in order and run by
 * run: a transform that read all of them at once would jump between 36 · `slots` places. Without a slot the result is zero. `scratch` takes 27
 * vectors.
 */
export function winogradGradWeightSum(
  dU: usize, dWeight: usize, C: u32, O: u32, slots: u32, scratch: usize, from: u32, to: u32,
): void {
  const plane = weightPlane(C, O);
  const panelBytes = (<usize>C) << 5;
  const row = <usize>C * 36;
  for (let panel = from; panel < to; panel++) {
    if (slots == 0) {
      memory.fill(dWeight + <usize>(panel << 3) * row, 0, row << 3);
      continue;
    }
    const start = dU + <usize>panel * panelBytes;
    for (let point: usize = 0; point < 36; point++) {
      const sum = start + point * plane;
      let source = sum;
      for (let slot: u32 = 1; slot < slots; slot++) {
        source += 36 * plane;
        for (let at: usize = 0; at < panelBytes; at += 16) {
          v128.store(sum + at, f32x4.add(v128.load(sum + at), v128.load(source + at)));
        }
      }
    }
    for (let half: usize = 0; half < 2; half++) {
      let at = start + (half << 4);
      let out = dWeight + (<usize>(panel << 3) + (half << 2)) * row;
      for (let c: u32 = 0; c < C; c++, at += 32, out += 36) {
        let column = at;
        for (let to = scratch; to < scratch + 96; to += 16, column += plane) {
          transformWeightGrad(column, 6 * plane, to, 96);
        }
        let taps = scratch + 288;
        for (let from = scratch; from < scratch + 288; from += 96, taps += 48) transformWeightGrad(from, 16, taps, 16);
        taps = scratch + 288;
        for (let to = out; to < out + 36; to += 4, taps += 16) {
          const value = v128.load(taps);
          v128.store32_lane(to, value, 0);
          v128.store32_lane(to + row, value, 1);
          v128.store32_lane(to + 2 * row, value, 2);
          v128.store32_lane(to + 3 * row, value, 3);
        }
      }
    }
  }
}
