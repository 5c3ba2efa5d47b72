/**
 * What conv2dNarrow.ts knows of a convolution's geometry, as Plan in conv2dPlan.ts for conv2d.ts: `NarrowPlan`, then `phases` times
 * `NarrowPhase`, then the tables to which they point, in bytes.
 */
@unmanaged
export class NarrowPlan {
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
  /** 1: windows are read from a padded copy in scratch memory; 0: in place. */
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

/** The pixels of the result that share one set of taps, in vectors of four. */
@unmanaged
export class NarrowPhase {
  vectors: u32 = 0;
  taps: u32 = 0;
  /** For each vector, where its window begins in the first channel's plane. */
  windowTable: usize = 0;
  /** For each tap (channel, row, column), how far from the window's beginning it lies. */
  tapTable: usize = 0;
  /** For each vector, where it lies in the result's plane. */
  positionTable: usize = 0;
  /** Bytes from the first phase's weight panels to this one's. */
  panels: u32 = 0;
  /** Of a vector: pixels that are stored, and bytes from one to the next in the result. */
  lanes: u32 = 0;
  laneStep: usize = 0;
}

// @ts-ignore: decorator
@inline
export function narrowPhaseAt(plan: usize, index: u32): NarrowPhase {
  return changetype<NarrowPhase>(plan + offsetof<NarrowPlan>() + index * offsetof<NarrowPhase>());
}

/** Zeros all planes of the padded copy: the borders stay zero while image after image is copied in. */
// @ts-ignore: decorator
@inline
export function clearPadded(plan: NarrowPlan, padded: usize): void {
  memory.fill(padded, 0, (<usize>(plan.plane * plan.channels)) << 2);
}

/** Copies one group's channels of one image into the inside of the padded planes. */
export function copyPadded(plan: NarrowPlan, source: usize, padded: usize): void {
  if (plan.interleave != 1) return copyInterleaved(plan, source, padded);
  const width = (<usize>plan.width) << 2;
  const pitch = (<usize>plan.pitch) << 2;
  const plane = (<usize>plan.plane) << 2;
  padded += pitch * plan.top + ((<usize>plan.left) << 2);
  for (let channel = plan.channels; channel > 0; channel--, padded += plane) {
    let row = padded;
    for (let y = plan.height; y > 0; y--, row += pitch, source += width) {
      if (width >= 16) {
        // The last vector overlaps the one before it.
        const last = width - 16;
        for (let at: usize = 0; at < last; at += 16) v128.store(row + at, v128.load(source + at));
        v128.store(row + last, v128.load(source + last));
      } else {
        for (let at: usize = 0; at < width; at += 4) f32.store(row + at, f32.load(source + at));
      }
    }
  }
}

/**
 * The same with rows in segments. Of stride 2, the most common, eight columns at a time are drawn apart by shuffles.
 */
function copyInterleaved(plan: NarrowPlan, source: usize, padded: usize): void {
  const width = plan.width;
  const stride = plan.interleave;
  const pitch = (<usize>plan.pitch) << 2;
  const segment = pitch / stride;
  const left = plan.left;
  const plane = (<usize>plan.plane) << 2;
  let first = padded + pitch * plan.top;
  for (let channel = plan.channels; channel > 0; channel--, first += plane) {
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
 * Where the window of each vector of four pixels begins, or where the vector is stored: pixel (y, x) at first + y·rowStep + x·columnStep.
 * Each row has ⌈columns / 4⌉ vectors, of which the last overlaps the one before it; where there are fewer than four columns, a vector
 * begins at the first. Then four copies of the last entry.
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
export function conv2dNarrowTaps(
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
