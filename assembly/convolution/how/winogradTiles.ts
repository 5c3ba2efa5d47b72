/**
 * From NCHW images to the 36 planes of Winograd's domain and back.
 *
 *   x  NCHW ──pad──▶ X ──inputTiles──▶ V ──products──▶ M ──outputTiles──▶ y  NCHW
 *
 *   X   [4·rows + 2][4·columns + 2][C]      one image (or a band of it), zero around it, a pixel's channels side by side:
 *
 *         ┌───┬─┬─┬─┐     The inputs of a tile are 6 × 6 pixels; neighbours share two rows or columns. Four channels are
 *         │   │ │ │ │     one vector, so a transform is plain vector arithmetic on pixels. The transposition from NCHW
 *         ├───┘ │ │ │     rides in the copy that pads, and the one back to NCHW in the output transform.
 *         └─────┴─┘ │
 *
 *   V   [36][T/4][C/4][4 tiles][4 channels]     for each of the 36 points of the transform a plane; T counts the tiles of a
 *   M   [36][O/8][T][8 channels]                block image by image, row by row, and is filled up to a multiple of 4
 *
 *   Four tiles of V and eight channels of M are what the product takes at a time: it reads and writes both from front to back.
 *
 * Order: a strip of four tiles, then four channels at a time through these tiles, so that a line of V is written as a whole while
 * the strip of X stays in L1. A two-dimensional transform is six one-dimensional ones over columns into 36 vectors of
 * scratch, then one for each row.
 *
 * A transform touches the same place of 36 planes. Were their distance a multiple of 4096 bytes, all would fall into one set of the
 * L1 cache, and the transform would take five times as long: `planeBytes` keeps them an odd multiple of 64 bytes apart.
 * `pixelBytes` does the same for pixels of very many channels.
 */
import { constant, half } from "../../how/math";
import { interleaveHigh, interleaveLow, joinHigh, joinLow } from "../../how/simd";
import { placeA, placeB, transformInput, transformOutput, transformOutputGrad, two } from "./winogradTransforms";

/** Scratch for one 6 × 6 transform. */
export const transformBytes: usize = 576;

/** The distance of two planes of `floats`: an odd multiple of 64 bytes. */
// @ts-ignore: decorator
@inline
export function planeBytes(floats: usize): usize {
  return (((floats << 2) + 127) & ~127) + 64;
}

/** The distance of two pixels of `channels` in X. */
// @ts-ignore: decorator
@inline
export function pixelBytes(channels: usize): usize {
  return channels & 255 ? channels << 2 : (channels << 2) + 64;
}

/** The most that `pixelBytes` says for up to `channels`. */
// @ts-ignore: decorator
@inline
export function mostPixelBytes(channels: usize): usize {
  return (channels << 2) + 64;
}

/**
 * One image's rows [top, top + rows) and columns [left, left + columns), zero where there is no image, channels last. `left ≤ 0` and
 * `left + columns ≥ width`; `channels` is a multiple of 4. May read 12 bytes behind the image.
 */
export function pad(
  image: usize, to: usize, channels: usize, height: i32, width: i32,
  top: i32, left: i32, rows: i32, columns: i32,
): void {
  const pixel = pixelBytes(channels);
  const rowBytes = <usize>columns * pixel;
  const plane = (<usize>height * <usize>width) << 2;
  const before = <usize>-left * pixel;
  const after = before + <usize>width * pixel;
  for (let row = top; row < top + rows; row++, to += rowBytes) {
    if (row < 0 || row >= height) {
      memory.fill(to, 0, rowBytes);
      continue;
    }
    clear(to, to + before);
    clear(to + after, to + rowBytes);
    let source = image + ((<usize>row * <usize>width) << 2);
    const last = to + before + (channels << 2);
    for (let target = to + before; target < last; target += 16, source += plane << 2) {
      copyRow(source, plane, target, pixel, width);
    }
  }
}

// @ts-ignore: decorator
@inline
function clear(from: usize, to: usize): void {
  const zero = f32x4.splat(0);
  for (; from < to; from += 16) v128.store(from, zero);
}

/** A row of four channels, turned by 4 × 4 transpositions so that each pixel's four channels are one vector. */
// @ts-ignore: decorator
@inline
function copyRow(x0: usize, plane: usize, to: usize, pixel: usize, width: i32): void {
  let x1 = x0 + plane;
  let x2 = x1 + plane;
  let x3 = x2 + plane;
  for (let left = width; left > 0; left -= 4) {
    const a = v128.load(x0), b = v128.load(x1), c = v128.load(x2), d = v128.load(x3);
    const ab = interleaveLow(a, b), cd = interleaveLow(c, d);
    v128.store(to, joinLow(ab, cd));
    to += pixel;
    if (left == 1) break;
    v128.store(to, joinHigh(ab, cd));
    to += pixel;
    if (left == 2) break;
    const abHigh = interleaveHigh(a, b), cdHigh = interleaveHigh(c, d);
    v128.store(to, joinLow(abHigh, cdHigh));
    to += pixel;
    if (left == 3) break;
    v128.store(to, joinHigh(abHigh, cdHigh));
    to += pixel;
    x0 += 16; x1 += 16; x2 += 16; x3 += 16;
  }
}

/** V = Bᵀ X B for the `rows` × `columns` tiles of one image, the tiles from `t` of the block. */
export function inputTiles(
  x: usize, v: usize, t: usize, channels: usize, rows: i32, columns: i32, plane: usize, scratch: usize,
): void {
  const pixel = pixelBytes(channels);
  const rowBytes = (<usize>(4 * columns + 2)) * pixel;
  const channelBytes = channels << 2;
  for (let row = 0; row < rows; row++) {
    const line = x + <usize>(4 * row) * rowBytes;
    for (let strip = 0; strip < columns; strip += 4) {
      const stop = min(strip + 4, columns);
      for (let c: usize = 0; c < channelBytes; c += 16) {
        for (let column = strip; column < stop; column++) {
          const tile = t + <usize>(row * columns + column);
          let from = line + <usize>(4 * column) * pixel + c;
          for (let at = scratch; at < scratch + 96; at += 16, from += pixel) transformInput(from, rowBytes, at, 96);
          let to = v + (tile >> 2) * (channelBytes << 2) + ((tile & 3) << 4) + (c << 2);
          for (let at = scratch; at < scratch + 576; at += 96, to += 6 * plane) transformInput(at, 16, to, plane);
        }
      }
    }
  }
}

/** Zeros for tile `t` of V, which fills the last four up. */
export function clearTile(v: usize, t: usize, channels: usize, plane: usize): void {
  for (let point = 0; point < 36; point++, v += plane) {
    const tile = v + (t >> 2) * (channels << 4) + ((t & 3) << 4);
    for (let c: usize = 0; c < channels << 4; c += 64) v128.store(tile + c, f32x4.splat(0));
  }
}

/**
 * dM = A dY Aᵀ for the `rows` × `columns` tiles of one image, the tiles from `t` of the block of `tiles`, from `pad`ded gradients
 * of the output (4 · rows by 4 · columns).
 */
export function gradTiles(
  dY: usize, m: usize, t: usize, tiles: usize, channels: usize, rows: i32, columns: i32, plane: usize, scratch: usize,
): void {
  const pixel = pixelBytes(channels);
  const rowBytes = (<usize>(4 * columns)) * pixel;
  const channelBytes = channels << 2;
  for (let row = 0; row < rows; row++) {
    let tile = dY + <usize>(4 * row) * rowBytes;
    for (let column = 0; column < columns; column++, tile += 4 * pixel, t++) {
      for (let c: usize = 0; c < channelBytes; c += 16) {
        const to = m + (((c >> 5) * tiles + t) << 5) + (c & 16);
        let from = tile + c;
        const end = scratch + 64;
        for (let at = scratch; at < end; at += 16, from += pixel) transformOutputGrad(from, rowBytes, at, 64);
        let out = to;
        for (let at = scratch; at < scratch + 384; at += 64, out += 6 * plane) transformOutputGrad(at, 16, out, plane);
      }
    }
  }
}

/**
 * y = Aᵀ M A + bias for the `rows` × `columns` tiles of one image, the tiles from `t` of the block of
 * `tiles`. `y` is the plane of the first of `channels` channels (a multiple of 4), `top` the output row of the first tiles. Parts of
 * tiles that lie outside the image are not written. The second pass stays in registers: bias and the transposition follow on
 * its results.
 */
export function outputTiles(
  m: usize, t: usize, tiles: usize, y: usize, bias: usize, channels: usize, height: i32, width: i32,
  top: i32, rows: i32, columns: i32, plane: usize, scratch: usize,
): void {
  const image = (<usize>height * <usize>width) << 2;
  const line = <usize>width << 2;
  for (let row = 0; row < rows; row++) {
    const valid = min(4, height - top - 4 * row);
    let pixel = y + <usize>(top + 4 * row) * line;
    for (let column = 0; column < columns; column++, pixel += 16, t++) {
      const remaining = width - 4 * column;
      let to = pixel;
      for (let o: usize = 0; o < channels; o += 4, to += image << 2) {
        let from = m + (((o >> 3) * tiles + t) << 5) + ((o & 4) << 2);
        const end = scratch + 96;
        for (let at = scratch; at < end; at += 16, from += plane) transformOutput(from, 6 * plane, at, 96);
        const b = bias ? v128.load(bias + (o << 2)) : f32x4.splat(0);
        let at = scratch;
        for (let line0 = to; line0 < to + <usize>valid * line; line0 += line, at += 96) {
          const m1 = v128.load(at, 16), m2 = v128.load(at, 32), m3 = v128.load(at, 48), m4 = v128.load(at, 64);
          const evenA = f32x4.add(m1, m2), oddA = f32x4.mul(constant(placeA), f32x4.sub(m1, m2));
          const evenB = f32x4.add(m3, m4), oddB = f32x4.mul(constant(placeB), f32x4.sub(m3, m4));
          let p0 = f32x4.add(f32x4.add(v128.load(at), evenA), evenB);
          let p1 = f32x4.add(oddA, oddB);
          let p2 = f32x4.add(f32x4.mul(constant(half), evenA), f32x4.mul(constant(two), evenB));
          let p3 = f32x4.add(f32x4.add(f32x4.mul(constant(half), oddA), f32x4.mul(constant(two), oddB)), v128.load(at, 80));
          p0 = f32x4.add(p0, b);
          p1 = f32x4.add(p1, b);
          p2 = f32x4.add(p2, b);
          p3 = f32x4.add(p3, b);
          const low0 = interleaveLow(p0, p1), low1 = interleaveLow(p2, p3);
          const high0 = interleaveHigh(p0, p1), high1 = interleaveHigh(p2, p3);
          storePixels(line0, joinLow(low0, low1), remaining);
          storePixels(line0 + image, joinHigh(low0, low1), remaining);
          storePixels(line0 + 2 * image, joinLow(high0, high1), remaining);
          storePixels(line0 + 3 * image, joinHigh(high0, high1), remaining);
        }
      }
    }
  }
}

/** The first `count` pixels of a vector, at most four. */
// @ts-ignore: decorator
@inline
function storePixels(to: usize, pixels: v128, count: i32): void {
  if (count >= 4) v128.store(to, pixels);
  else if (count == 1) v128.store32_lane(to, pixels, 0);
  else {
    v128.store64_lane(to, pixels, 0);
    if (count == 3) v128.store32_lane(to, pixels, 2, 8);
  }
}
