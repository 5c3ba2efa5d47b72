/**
 * What conv2d.ts and conv2dGradWeight.ts know of a convolution's geometry, as 32-bit words in the workspace. The particle writes
 * a plan for each pass: forward reads the input and makes the output; the input gradient reads the output's gradient and
 * makes the input's, in one phase for each residue of the stride.
 *
 * The source is read from a copy in which pixels of the result that follow one another read places that follow one another, for
 * every tap: then the vectors of a tile run along pixels, over the ends of rows too.
 *
 *   copy   [channels][shifts][classes][classRows][pitch]      pitch: columns of the result
 *
 *   shift  one for each column of the kernel: column j holds the source's column shiftFirst + shift·shiftStep + j·columnStep, or
 *          zero where there is none
 *   class  rows of equal residue, for vertical strides of 2 and more
 *
 *       a row of x     shift 0     shift 1     shift 2            3 × 3, padding 1: tap (r, s) of pixel p is read in
 *       a b c d   →    0 a b c     a b c d     b c d 0            shift s at r·pitch + p
 *
 * Where a copy would be the source itself, as for 1 × 1, the source is read in place.
 */
@unmanaged
export class Plan {
  /** Channels of one group of the source. */
  channels: u32 = 0;
  height: u32 = 0;
  width: u32 = 0;
  groups: u32 = 0;
  /** Channels of one group of the result, and floats in each. */
  outputs: u32 = 0;
  outputPlane: u32 = 0;
  /** 1: windows are read from a copy in scratch memory; 0: in place. */
  copied: u32 = 0;
  /** Bytes of the copy. */
  copyBytes: usize = 0;
  pitch: u32 = 0;
  shifts: u32 = 0;
  shiftFirst: i32 = 0;
  shiftStep: i32 = 0;
  columnStep: u32 = 0;
  /** Rows of zeros above the source, and source rows from one row of the result to the next. */
  top: u32 = 0;
  rowStep: u32 = 0;
  classes: u32 = 0;
  classRows: u32 = 0;
  /** Floats from one shift, or one channel in place, to the next: an odd number of cache lines in a copy. */
  plane: u32 = 0;
  /** The result is made in `strips` of so many rows (of each phase). */
  strips: u32 = 0;
  stripRows: u32 = 0;
  /** Taps that a tile sums before the next tile has its turn. */
  slice: u32 = 0;
  /** Small images over which the weight gradient sums at a time. */
  together: u32 = 0;
  phases: u32 = 0;
  /** Of them, those of one row: the horizontal stride. */
  columnPhases: u32 = 0;
}

/** The pixels of the result that share one set of taps. */
@unmanaged
export class Phase {
  taps: u32 = 0;
  /** For each tap (channel, row, column), where pixel 0 reads it, in bytes; then copies of the last entry, for a tile of four. */
  tapTable: usize = 0;
  /** Bytes from the first phase's weight panels to this one's. */
  panels: u32 = 0;
  rows: u32 = 0;
  columns: u32 = 0;
  /** In bytes of the result's plane: the first pixel, and from one to the next in a column and in a row. */
  first: usize = 0;
  rowBytes: usize = 0;
  columnBytes: usize = 0;
}

// @ts-ignore: decorator
@inline
export function phaseAt(plan: usize, index: u32): Phase {
  return changetype<Phase>(plan + offsetof<Plan>() + index * offsetof<Phase>());
}

/** Where pixel 0 of the strip reads, with the strip copied if that is needed. */
export function stripOf(plan: Plan, image: usize, copy: usize, strip: u32): usize {
  if (!plan.copied) return image + ((<usize>(strip * plan.stripRows * plan.pitch)) << 2);
  const plane = (<usize>plan.plane) << 2;
  const imagePlane = (<usize>(plan.height * plan.width)) << 2;
  let to = copy;
  for (let channel = plan.channels; channel > 0; channel--, image += imagePlane) {
    for (let shift: u32 = 0; shift < plan.shifts; shift++, to += plane) copyShift(plan, image, to, strip, shift);
  }
  return copy;
}

/**
 * One shift of one channel. Rows are written from first to last, and vectors over the end of a row: the next row, or the room behind a plane, takes
 * what is too much.
 */
function copyShift(plan: Plan, image: usize, to: usize, strip: u32, shift: u32): void {
  const width = <i32>plan.width, pitch = <i32>plan.pitch, step = <i32>plan.columnStep;
  const column = plan.shiftFirst + <i32>shift * plan.shiftStep;
  // The columns that the source has: [start, end).
  const start = min(pitch, column < 0 ? (step - 1 - column) / step : 0);
  const end = max(start, min(pitch, column < width ? (width - column + step - 1) / step : 0));
  const pitchBytes = (<usize>pitch) << 2, startBytes = (<usize>start) << 2, endBytes = (<usize>end) << 2;
  const whole = step == 1 && plan.rowStep == 1 && pitch == width && end > start;
  const source = image + ((<usize>(column + start * step)) << 2);
  const rows = <i32>plan.classRows;
  for (let index = 0; index < <i32>plan.classes; index++) {
    const first = <i32>(strip * plan.stripRows * plan.rowStep) + index - <i32>plan.top;
    let row = 0;
    if (whole) {
      // Rows of the source and of the copy are equally long: they are one run, in which the borders are then cleared.
      row = min(rows, max(0, -first));
      const stop = max(row, min(rows, <i32>plan.height - first));
      clear(to, to + pitchBytes * row);
      const begin = to + pitchBytes * row;
      to += pitchBytes * stop;
      copyRun(source + pitchBytes * (first + row), begin + startBytes, to - pitchBytes + endBytes);
      if (end - start < pitch) {
        for (let at = begin; at < to; at += pitchBytes) {
          clear(at, at + startBytes);
          clear(at + endBytes, at + pitchBytes);
        }
      }
      row = stop;
    }
    for (; row < rows; row++, to += pitchBytes) {
      const y = first + row * <i32>plan.rowStep;
      if (y < 0 || y >= <i32>plan.height || end == start) {
        clear(to, to + pitchBytes);
        continue;
      }
      clear(to, to + startBytes);
      const from = source + ((<usize>(y * width)) << 2);
      if (step == 1) copyRun(from, to + startBytes, to + endBytes);
      else if (step == 2) copySecond(from, to + startBytes, to + endBytes);
      else copySpread(from, (<usize>step) << 2, to + startBytes, to + endBytes);
      clear(to + endBytes, to + pitchBytes);
    }
  }
}

// @ts-ignore: decorator
@inline
function copyRun(from: usize, to: usize, end: usize): void {
  for (; to < end; from += 16, to += 16) v128.store(to, v128.load(from));
}

/** Every second number. */
// @ts-ignore: decorator
@inline
function copySecond(from: usize, to: usize, end: usize): void {
  for (; to < end; from += 32, to += 16) {
    v128.store(to, i32x4.shuffle(v128.load(from), v128.load(from, 16), 0, 2, 4, 6));
  }
}

// @ts-ignore: decorator
@inline
function copySpread(from: usize, step: usize, to: usize, end: usize): void {
  for (; to < end; from += step, to += 4) f32.store(to, f32.load(from));
}

// @ts-ignore: decorator
@inline
function clear(at: usize, end: usize): void {
  for (; at < end; at += 4) f32.store(at, 0);
}

/**
 * table[(c·rows + r)·columns + s] = c·channelStep + s·columnStep plus the place of row h = firstRow + r·rowStep, which is
 * (h mod stride)·classStep + ⌊h / stride⌋·pitch; then four copies of the last entry. All but rows and counts in bytes.
 */
export function conv2dTaps(
  table: usize, channels: u32, channelStep: u32, rows: u32, firstRow: u32, rowStep: u32, stride: u32, classStep: u32,
  pitch: u32, columns: u32, firstColumn: u32, columnStep: u32,
): void {
  let last: u32 = 0;
  for (let c: u32 = 0, channel = firstColumn; c < channels; c++, channel += channelStep) {
    for (let r: u32 = 0, h = firstRow; r < rows; r++, h += rowStep) {
      last = channel + (h % stride) * classStep + (h / stride) * pitch;
      for (let s: u32 = 0; s < columns; s++, last += columnStep, table += 4) i32.store(table, last);
      last -= columnStep;
    }
  }
  for (let copy = 0; copy < 4; copy++, table += 4) i32.store(table, last);
}
