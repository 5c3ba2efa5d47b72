/**
 * What the kernels of a convolution know of its geometry, as 32-bit words in the workspace. The particle writes a plan for
 * each pass: forward reads the input and makes the output; the input gradient reads the output's gradient and makes
 * the input's, in one phase for each residue of the stride.
 *
 *   plan   Plan, then `phases` times Phase
 *   tables what `pixelTable`, `tapTable` and `positionTable` point to, in bytes; the first two end with copies of the last entry
 *          up to a multiple of 4, so that a tile may run over the end
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
  /** 1: windows are read from a padded copy in scratch memory; 0: in place. */
  copied: u32 = 0;
  groups: u32 = 0;
  /** Channels of one group of the result, and floats in each. */
  outputs: u32 = 0;
  outputPlane: u32 = 0;
  phases: u32 = 0;
}

/** The pixels of the result that share one set of taps. */
@unmanaged
export class Phase {
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

/** Copies one group's channels of one image into the inside of the padded planes. */
export function copyPadded(plan: Plan, source: usize, padded: usize): void {
  const width = (<usize>plan.width) << 2;
  const height = plan.height;
  const pitch = (<usize>plan.pitch) << 2;
  const plane = planeBytes(plan);
  let first = padded + pitch * plan.top + ((<usize>plan.left) << 2);
  for (let channel = plan.channels; channel > 0; channel--, first += plane) {
    let row = first;
    for (let y = height; y > 0; y--, row += pitch, source += width) {
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
 * table[y·columns + x] = first + y·rowStep + x·columnStep, then copies of the last entry up to a multiple of 4: where the
 * window of each pixel begins, or where a pixel is stored.
 */
export function conv2dPixels(table: usize, rows: u32, columns: u32, first: i32, rowStep: i32, columnStep: i32): void {
  const end = table + ((<usize>(rows * columns)) << 2);
  for (let y: u32 = 0; y < rows; y++, first += rowStep) {
    for (let x: u32 = 0, at = first; x < columns; x++, at += columnStep, table += 4) i32.store(table, at);
  }
  repeatLast(table, end);
}

/** table[(c·rows + r)·columns + s] = c·channelStep + r·rowStep + s·columnStep, then copies of the last entry. */
export function conv2dTaps(
  table: usize,
  channels: u32,
  channelStep: i32,
  rows: u32,
  rowStep: i32,
  columns: u32,
  columnStep: i32,
): void {
  for (let c: u32 = 0, first = 0; c < channels; c++, first += channelStep) {
    for (let r: u32 = 0, row = first; r < rows; r++, row += rowStep) {
      for (let s: u32 = 0, at = row; s < columns; s++, at += columnStep, table += 4) i32.store(table, at);
    }
  }
  repeatLast(table, table);
}

/** Fills up to three entries behind `end` with the entry before it. */
// @ts-ignore: decorator
@inline
function repeatLast(table: usize, end: usize): void {
  const last = i32.load(table - 4);
  i32.store(end, last);
  i32.store(end, last, 4);
  i32.store(end, last, 8);
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
