/**
 * What the kernels of a convolution know of its geometry, as 32-bit words in the workspace. The particle writes a plan for
 * each pass: forward reads the input and makes the output; the input gradient reads the output's gradient and makes
 * the input's, in one phase for each residue of the stride.
 *
 *   plan   Plan, then `phases` times Phase
 *   tables what `pixelTable`, `tapTable` and `positionTable` point to, in bytes; the first two end with four copies of
 *          the last entry, so that a tile may run over the end
 */
@unmanaged
export class Plan {
  /** Channels of one group of the source. */
  channels: u32 = 0;
  height: u32 = 0;
  width: u32 = 0;
  /** Zeros that the padded copy has above and to the left of the source. */
  top: u32 = 0;
  left: u32 = 0;
  /** Floats from one row to the next, and from one channel to the next, where windows are read. */
  pitch: u32 = 0;
  plane: u32 = 0;
  /**
   * The result is made in strips of so many rows (of each phase), which read `stripHeight` rows of the padded source, and
   * `stripStep` rows farther on from strip to strip. `strips` in all.
   */
  strips: u32 = 0;
  stripRows: u32 = 0;
  stripHeight: u32 = 0;
  stripStep: u32 = 0;
  /** Taps that a tile sums before the next tile has its turn. */
  slice: u32 = 0;
  /** Bytes of scratch for the tiles of a strip between two slices. */
  sumBytes: usize = 0;
  /** 1: windows are read from a padded copy of the strip in scratch memory; 0: in place. */
  copied: u32 = 0;
  /**
   * Where this is not 1, a row of the copy has so many segments: column q lies in segment q % interleave, at q / interleave. What
   * windows of that stride read with one tap then lies side by side.
   */
  interleave: u32 = 0;
  groups: u32 = 0;
  /** Channels of one group of the result, and floats in each. */
  outputs: u32 = 0;
  outputPlane: u32 = 0;
  phases: u32 = 0;
}

/** The pixels of the result that share one set of taps: one by one, or for conv2dNarrow in vectors of four. */
@unmanaged
export class Phase {
  /** Entries of the pixel table, which is that of the first strip. */
  pixels: u32 = 0;
  taps: u32 = 0;
  /** For each pixel, where its window begins in the first channel's plane. */
  pixelTable: usize = 0;
  /** For each tap (channel, row, column), how far from the window's beginning it lies. */
  tapTable: usize = 0;
  /** For each pixel, where it lies in the result's plane; 0: at 4·pixel. */
  positionTable: usize = 0;
  /** Bytes from the first phase's weight panels to this one's. */
  panels: u32 = 0;
  /** Of a vector: pixels that are stored, and bytes from one to the next in the result. */
  lanes: u32 = 0;
  laneStep: usize = 0;
  /** Rows and pixels in each, of all strips together. */
  rows: u32 = 0;
  columns: u32 = 0;
  /** From one row to the next in the result, in bytes. */
  resultStep: usize = 0;
}

// @ts-ignore: decorator
@inline
export function phaseAt(plan: usize, index: u32): Phase {
  return changetype<Phase>(plan + offsetof<Plan>() + index * offsetof<Phase>());
}

/** Bytes of one channel's plane, where windows are read. */
// @ts-ignore: decorator
@inline
export function planeBytes(plan: Plan): usize {
  return (<usize>plan.plane) << 2;
}

/** Zeros all planes of the padded copy: the borders stay zero while image after image is copied in. */
// @ts-ignore: decorator
@inline
export function clearPadded(plan: Plan, padded: usize): void {
  memory.fill(padded, 0, planeBytes(plan) * plan.channels);
}

/** Copies a strip of one group's channels of one image into the inside of the padded planes. */
export function copyPadded(plan: Plan, source: usize, padded: usize, strip: u32): void {
  const width = (<usize>plan.width) << 2;
  const sourcePlane = width * plan.height;
  const pitch = (<usize>plan.pitch) << 2;
  const plane = planeBytes(plan);
  // The rows of the strip that lie in the source: [first, end), seen from the strip. Those around them are zeros.
  const start = <i32>(strip * plan.stripStep) - <i32>plan.top;
  const height = <i32>plan.stripHeight;
  const first = min(height, max(0, -start));
  const end = max(first, min(height, <i32>plan.height - start));
  if (plan.interleave != 1) return copyInterleaved(plan, source, padded);
  padded += (<usize>plan.left) << 2;
  source += width * first + width * start;
  for (let channel = plan.channels; channel > 0; channel--, padded += plane, source += sourcePlane) {
    if (plan.strips > 1) {
      for (let y = 0; y < first; y++) memory.fill(padded + pitch * y, 0, width);
      for (let y = end; y < height; y++) memory.fill(padded + pitch * y, 0, width);
    }
    let row = padded + pitch * first;
    let from = source;
    for (let y = first; y < end; y++, row += pitch, from += width) {
      if (width >= 16) {
        // The last vector overlaps the one before it.
        const last = width - 16;
        for (let at: usize = 0; at < last; at += 16) v128.store(row + at, v128.load(from + at));
        v128.store(row + last, v128.load(from + last));
      } else {
        for (let at: usize = 0; at < width; at += 4) f32.store(row + at, f32.load(from + at));
      }
    }
  }
}

/**
 * The same for the whole image, with rows in segments. Of stride 2, the most common, eight columns at a time are drawn apart by shuffles.
 */
function copyInterleaved(plan: Plan, source: usize, padded: usize): void {
  const width = plan.width;
  const stride = plan.interleave;
  const pitch = (<usize>plan.pitch) << 2;
  const segment = pitch / stride;
  const left = plan.left;
  let first = padded + pitch * plan.top;
  for (let channel = plan.channels; channel > 0; channel--, first += planeBytes(plan)) {
    let row = first;
    for (let y = plan.height; y > 0; y--, row += pitch, source += (<usize>width) << 2) {
      let x: u32 = 0;
      if (stride == 2) {
        const even = row + segment * (left & 1) + ((<usize>(left >> 1)) << 2);
        const odd = row + segment * ((left + 1) & 1) + ((<usize>((left + 1) >> 1)) << 2);
        for (; x + 8 <= width; x += 8) {
          const a = v128.load(source + ((<usize>x) << 2));
          const b = v128.load(source + ((<usize>x) << 2), 16);
          v128.store(even + ((<usize>x) << 1), i32x4.shuffle(a, b, 0, 2, 4, 6));
          v128.store(odd + ((<usize>x) << 1), i32x4.shuffle(a, b, 1, 3, 5, 7));
        }
      }
      for (; x < width; x++) {
        const column = left + x;
        f32.store(
          row + segment * (column % stride) + ((<usize>(column / stride)) << 2),
          f32.load(source + ((<usize>x) << 2)),
        );
      }
    }
  }
}

/**
 * table[y·columns + x] = first + y·rowStep + x·columnStep, then copies of the last entry: where the
 * window of each pixel begins, or where a pixel is stored.
 */
export function conv2dPixels(table: usize, rows: u32, columns: u32, first: i32, rowStep: i32, columnStep: i32): void {
  for (let y: u32 = 0; y < rows; y++, first += rowStep) {
    for (let x: u32 = 0, at = first; x < columns; x++, at += columnStep, table += 4) i32.store(table, at);
  }
  repeatLast(table);
}

/**
 * The same for vectors of four pixels: each row has ⌈columns / 4⌉, of which the last overlaps the one before it; where there are
 * fewer than four columns, a vector begins at the first. columnStep is that from one pixel to the next.
 */
export function conv2dVectors(table: usize, rows: u32, columns: u32, first: i32, rowStep: i32, columnStep: i32): void {
  const last = columns < 4 ? 0 : columns - 4;
  for (let y: u32 = 0; y < rows; y++, first += rowStep) {
    for (let x: u32 = 0; x < columns; x += 4, table += 4) i32.store(table, first + <i32>min(x, last) * columnStep);
  }
  repeatLast(table);
}

/**
 * table[(c·rows + r)·columns + s] = c·channelStep + r·rowStep + column(s), then copies of the last entry. With
 * rows in segments, column(s) = (s·dilation % interleave)·segment + s·dilation / interleave, else s·dilation; times 4.
 */
export function conv2dTaps(
  table: usize,
  channels: u32,
  channelStep: i32,
  rows: u32,
  rowStep: i32,
  columns: u32,
  dilation: u32,
  interleave: u32,
  segment: u32,
): void {
  for (let c: u32 = 0, first = 0; c < channels; c++, first += channelStep) {
    for (let r: u32 = 0, row = first; r < rows; r++, row += rowStep) {
      for (let s: u32 = 0, column: u32 = 0; s < columns; s++, column += dilation, table += 4) {
        i32.store(table, row + <i32>(((column % interleave) * segment + column / interleave) << 2));
      }
    }
  }
  repeatLast(table);
}

/** Repeats the entry before `end` four times. */
// @ts-ignore: decorator
@inline
function repeatLast(end: usize): void {
  const last = i32.load(end - 4);
  i32.store(end, last);
  i32.store(end, last, 4);
  i32.store(end, last, 8);
  i32.store(end, last, 12);
}

/**
 * Packs weights into panels of 8 outputs, [groups][outputs/8][taps][8], outputs behind the last being 0, for the units
 * (group, panel) in [from, to). `weight` is the address of the first tap of the first output; a tap (c, r, s) of output o
 * in group g lies g·groupStep + o·outputStep + c·channelStep + r·rowStep + s·columnStep elements on. Negative steps turn
 * the kernel around, as the input gradient needs it.
 */
export function conv2dPanels(
  weight: usize,
  panels: usize,
  groupStep: i32,
  outputs: u32,
  outputStep: i32,
  channels: u32,
  channelStep: i32,
  rows: u32,
  rowStep: i32,
  columns: u32,
  columnStep: i32,
  from: u32,
  to: u32,
): void {
  const blocks = (outputs + 7) >> 3;
  const panelBytes = (<usize>(channels * rows * columns)) << 5;
  channelStep <<= 2;
  rowStep <<= 2;
  columnStep <<= 2;
  outputStep <<= 2;
  for (let unit = from; unit < to; unit++) {
    const output = unit % blocks << 3;
    const valid = min<u32>(8, outputs - output);
    const panel = panels + panelBytes * unit;
    if (valid < 8) memory.fill(panel, 0, panelBytes);
    let source = <i32>weight + (<i32>(unit / blocks) * groupStep << 2) + <i32>output * outputStep;
    for (let j: u32 = 0; j < valid; j++, source += outputStep) {
      let target = panel + (j << 2);
      for (let c: u32 = 0, channel = source; c < channels; c++, channel += channelStep) {
        for (let r: u32 = 0, row = channel; r < rows; r++, row += rowStep) {
          for (let s: u32 = 0, at = row; s < columns; s++, at += columnStep, target += 32) {
            f32.store(target, f32.load(<usize>at));
          }
        }
      }
    }
  }
}
