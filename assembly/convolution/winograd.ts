/**
 * 3 × 3 convolution with stride 1 by Winograd's F(4×4, 3×3): a tile of 4 × 4 outputs takes 36 products for each pair of channels
 * instead of 144.
 *
 *   y = Aᵀ[ Σc (G g Gᵀ) ⊙ (Bᵀ d B) ]A          d 6 × 6 inputs, g 3 × 3 taps, y 4 × 4 outputs
 *
 *   forward      U = G g Gᵀ,   V = Bᵀ x B,   M = V·U,   y = Aᵀ M A
 *   dx           the same on dy, with g turned by half a turn, inputs and outputs exchanged, and padding 2 − padding
 *   dg           V again,   dM = A dy Aᵀ,   dU = Vᵀ·dM summed over tiles and images,   dg = Gᵀ dU G
 *
 * The work is cut into blocks of tiles: `images` whole images where they are small, or `bands` of `rows` tile rows where they are
 * large, so that V and M of a block stay in L2. Where there are few blocks (a batch of one), their output channels are
 * cut into `parts` too, each of which transforms the input again. None of this changes a bit of the result: a tile is always
 * computed in the same way, wherever it lies. (The sums of dU over blocks do depend on the blocks, which depend on shapes only.)
 *
 * A unit u of work is part u mod parts of block u / parts; block k is band k mod bands of the images from k / bands · images.
 */
import { interleaveHigh, interleaveLow, joinHigh, joinLow } from "../how/simd";
import { products } from "./how/winogradMatmul";
import { clearTile, inputTiles, mostPixelBytes, outputTiles, pad, pixelBytes, planeBytes, transformBytes } from "./how/winogradTiles";
import { transformWeight } from "./how/winogradTransforms";

/** The distance of two planes of U and of dU, which have all outputs. */
// @ts-ignore: decorator
@inline
export function weightPlane(channels: usize, outputs: usize): usize {
  return planeBytes(channels * ((outputs + 7) & ~7));
}

/**
 * U = G g Gᵀ for the panels [from, to) of eight outputs, packed [36][⌈O/8⌉][C][8]; places behind the last output are zero.
 * `outStride` and `inStride` are the floats from a filter to the next by output and by input channel. With `turn` the taps are
 * turned by half a turn. `scratch` takes 27 vectors. Both channel counts are multiples of 4.
 */
export function winogradWeights(
  weight: usize, u: usize, channels: u32, outputs: u32, outStride: u32, inStride: u32, turn: u32,
  scratch: usize, from: u32, to: u32,
): void {
  const plane = weightPlane(channels, outputs);
  const out = <usize>outStride << 2;
  for (let panel = from; panel < to; panel++) {
    for (let half: u32 = 0; half < 2; half++) {
      const o: u32 = (panel << 3) + (half << 2);
      let at = u + ((<usize>(panel * channels)) << 5) + ((<usize>half) << 4);
      if (o >= outputs) {
        for (let c: u32 = 0; c < channels; c++, at += 32) {
          for (let point: usize = 0; point < 36; point++) v128.store(at + point * plane, f32x4.splat(0));
        }
        continue;
      }
      let taps = weight + <usize>o * out;
      for (let c: u32 = 0; c < channels; c++, at += 32, taps += <usize>inStride << 2) {
        gatherTaps(taps, out, scratch, turn);
        for (let column: usize = 0; column < 48; column += 16) {
          transformWeight(scratch + column, 48, scratch + 144 + column, 48);
        }
        let row = at;
        for (let from = scratch + 144; from < scratch + 432; from += 48, row += 6 * plane) {
          transformWeight(from, 16, row, plane);
        }
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
 * Bytes of scratch that one thread of `winogradConvolve` (`grad` false) or `winogradGradWeight` (`grad` true) needs.
 * `tilesPerRow` is ⌈outW/4⌉ and `partOutputs` the outputs of one part, a multiple of 8.
 */
export function winogradScratchBytes(
  channels: u32, partOutputs: u32, tilesPerRow: u32, images: u32, rows: u32, grad: u32,
): usize {
  const tiles = (images * rows * tilesPerRow + 3) & ~3;
  let padded = <usize>((4 * rows + 2) * (4 * tilesPerRow + 2)) * pixelBytes(channels);
  if (grad) padded = max(padded, <usize>(16 * rows * tilesPerRow) * mostPixelBytes(partOutputs));
  return transformBytes + padded + 36 * (planeBytes(<usize>tiles * channels) + planeBytes(<usize>tiles * partOutputs)) + 64;
}

/**
 * y = x ∗ g + bias (`bias` 0: none) for the units [from, to). U comes from `winogradWeights`. `top` rows and
 * `left` columns of zeros lie before the image. C and O are multiples of 4, `partOutputs` of 8.
 */
export function winogradConvolve(
  x: usize, u: usize, bias: usize, y: usize,
  N: i32, C: i32, H: i32, W: i32, O: i32, outH: i32, outW: i32, top: i32, left: i32,
  images: i32, rows: i32, partOutputs: i32, scratch: usize, from: i32, to: i32,
): void {
  const columns = (outW + 3) >> 2;
  const tileRows = (outH + 3) >> 2;
  const bands = (tileRows + rows - 1) / rows;
  const parts = (O + partOutputs - 1) / partOutputs;
  const pixel = pixelBytes(C);
  const paddedBytes = <usize>((4 * rows + 2) * (4 * columns + 2)) * pixel;
  const uPlane = weightPlane(C, O);
  const padded = scratch + transformBytes;
  const v = (padded + paddedBytes + 63) & ~63;
  const imageIn = (<usize>C * <usize>H * <usize>W) << 2;
  const planeOut = (<usize>outH * <usize>outW) << 2;
  let transformed = -1;
  for (let unit = from; unit < to; unit++) {
    const block = unit / parts;
    const part = unit - block * parts;
    const group = block / bands;
    const band = (block - group * bands) * rows;
    const bandRows = min(rows, tileRows - band);
    const first = group * images;
    const count = min(images, N - first);
    const perImage = bandRows * columns;
    const tiles = <usize>(count * perImage);
    const tilesUp = (tiles + 3) & ~3;
    const vPlane = planeBytes(tilesUp * C);
    if (block != transformed) {
      transformed = block;
      for (let n = 0; n < count; n++) {
        pad(
          x + <usize>(first + n) * imageIn, padded, C, H, W, 4 * band - top, -left,
          4 * bandRows + 2, 4 * columns + 2,
        );
        inputTiles(padded, v, n * perImage, C, bandRows, columns, vPlane, scratch);
      }
      for (let t = tiles; t < tilesUp; t++) clearTile(v, t, C, vPlane);
    }
    const o = part * partOutputs;
    const outputs = min(partOutputs, O - o);
    const panels = (outputs + 7) >> 3;
    const m = v + 36 * vPlane;
    const mPlane = planeBytes(tilesUp * <usize>(panels << 3));
    products(v, u + ((<usize>o * <usize>C) << 2), m, tilesUp, C, panels, vPlane, uPlane, mPlane);
    for (let n = 0; n < count; n++) {
      outputTiles(
        m, n * perImage, tilesUp, y + (<usize>(first + n) * O + o) * planeOut, bias ? bias + (<usize>o << 2) : 0,
        outputs, outH, outW, 4 * band, bandRows, columns, mPlane, scratch,
      );
    }
  }
}
