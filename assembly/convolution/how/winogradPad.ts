/**
 * From NCHW to what Winograd's transforms read:
 *
 *   X   [rows][columns][C]      one image (or a band of it), zero around it, a pixel's channels side by side:
 *
 *         ┌───┬─┬─┬─┐     The inputs of a tile of 4 × 4 are 6 × 6 pixels; neighbours share two rows or columns. Four channels are
 *         │   │ │ │ │     one vector, so a transform is plain vector arithmetic on pixels. The transposition from NCHW
 *         ├───┘ │ │ │     rides in this copy, and the one back to NCHW in the output transform.
 *         └─────┴─┘ │
 */
import { interleaveHigh, interleaveLow, joinHigh, joinLow } from "../../how/simd";

/** The distance of two pixels of `channels` in X, kept from being a multiple of 1024 bytes as planes are from one of 4096. */
// @ts-ignore: decorator
@inline
export function pixelBytes(channels: usize): usize {
  return channels & 255 ? channels << 2 : (channels << 2) + 64;
}

/** The distance of two rows of X. Of 14 and two pixels of 64 channels it would be 4096 bytes. */
// @ts-ignore: decorator
@inline
export function rowBytes(columns: usize, pixel: usize): usize {
  return columns * pixel + 64;
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
  const filled = <usize>columns * pixel;
  const rowStep = rowBytes(columns, pixel);
  const plane = (<usize>height * <usize>width) << 2;
  const before = <usize>-left * pixel;
  const after = before + <usize>width * pixel;
  for (let row = top; row < top + rows; row++, to += rowStep) {
    if (row < 0 || row >= height) {
      memory.fill(to, 0, filled);
      continue;
    }
    clear(to, to + before);
    clear(to + after, to + filled);
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
