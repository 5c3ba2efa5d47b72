/** Plans for `assembly/convolution/conv2d.ts` and `assembly/convolution/conv2dGradWeight.ts`: how the source is copied, cut into strips and read. */
import { phaseStruct, planStruct } from "../../../engine/generated/border.ts";
import { kernels } from "../../../engine/generated/convolution.ts";
import { writeStruct } from "../../../engine/struct.ts";
import { gcd, type Pass, panelBytes, roundUp, tableBytes, tapsOf } from "./pass.ts";

/** What Plan in `assembly/convolution/how/conv2dPlan.ts`, which explains it, has beside the fields of a pass. */
export interface Layout {
  readonly copied: boolean;
  readonly pitch: number;
  readonly shifts: number;
  readonly shiftFirst: number;
  readonly shiftStep: number;
  readonly columnStep: number;
  readonly rowStep: number;
  readonly classes: number;
  readonly classRows: number;
  readonly plane: number;
  readonly strips: number;
  readonly stripRows: number;
  readonly slice: number;
  readonly together: number;
}

/** Bytes of a strip's copy, and of what its phases give: large enough that few rows are copied twice. */
const stripLimit = 2 ** 20;
/** Pixels of a strip of the weight gradient, six rows of which stay in the first-level cache. */
const pixelLimit = 1024;
/** Pixels of small images over which the weight gradient sums at a time, before it adds the lanes. */
const togetherPixels = 512;
/** Cache lines that a tile of 16 pixels reads for a slice of the taps, and reads again for every two channels: half of the first level. */
const lineLimit = 240;

/** With `products`, for the weight gradient, which sums over the pixels of a strip. */
export function layoutOf(pass: Pass, products = false): Layout {
  const { channels, outputs, height, width, rowMargin, columnMargin } = pass;
  const used = pass.phases.filter(
    (phase) => phase.columns.count > 0 && phase.rows.count > 0 && tapsOf(pass, phase) > 0,
  );
  const pitch = Math.max(1, ...pass.phases.map(({ columns }) => columns.count));
  const rows = Math.max(1, ...pass.phases.map((phase) => phase.rows.count));
  const { windowStep: rowStep } = pass.phases[0]!.rows;
  const { windowStep: columnStep } = pass.phases[0]!.columns;

  const columnsRead = used.flatMap(({ columns }) => placesOf(columns.window, columns.taps, columns.tapStep));
  const shiftFirst = Math.min(...columnsRead, Number.MAX_SAFE_INTEGER) % Number.MAX_SAFE_INTEGER;
  const shiftStep = columnsRead.reduce((step, column) => gcd(step, column - shiftFirst), 0) || 1;
  const shifts = 1 + (Math.max(shiftFirst, ...columnsRead) - shiftFirst) / shiftStep;
  const rowsRead = used.flatMap((phase) =>
    placesOf(rowMargin.before + phase.rows.window, phase.rows.taps, phase.rows.tapStep),
  );
  const classes = 1 + Math.max(0, ...rowsRead.map((row) => row % rowStep));
  const reach = Math.max(0, ...rowsRead.map((row) => Math.floor(row / rowStep)));

  const zeros = rowMargin.before + rowMargin.after + columnMargin.before + columnMargin.after;
  const copied = zeros > 0 || shifts > 1 || shiftFirst !== 0 || rowStep > 1 || columnStep > 1 || pitch !== width;
  const rowBytes =
    4 *
    pitch *
    Math.max(copied ? channels * shifts * classes : 0, pass.phases.length > 1 ? pass.phases.length * outputs : 0);
  const byBytes = rowBytes === 0 ? rows : stripLimit / rowBytes - reach;
  const stripRows = rowsOfStrip(rows, pitch, products ? Math.min(byBytes, pixelLimit / pitch) : byBytes);
  const classRows = stripRows + reach;
  const lines = Math.ceil((classes * classRows * pitch) / 16);
  const taps = Math.max(1, ...pass.phases.map((phase) => tapsOf(pass, phase)));
  // A run of 16 pixels lies in two lines, of which the taps below one another share some where rows are short.
  const rowTaps = Math.max(1, ...pass.phases.map((phase) => phase.rows.taps));
  const linesOfTap = Math.min(2, (((rowTaps - 1) * pitch) / 16 + 2) / rowTaps);
  return {
    copied,
    pitch,
    shifts,
    shiftFirst,
    shiftStep,
    columnStep,
    rowStep,
    classes,
    classRows,
    // An odd number of cache lines, so that planes do not fall into one set of the cache; at least a vector more than is written.
    plane: copied ? 16 * (lines + 1 + (lines % 2)) : height * width,
    strips: Math.ceil(rows / stripRows),
    stripRows,
    together: products ? Math.max(1, Math.floor(togetherPixels / (rows * pitch))) : 1,
    slice: Math.ceil(taps / Math.ceil((taps * linesOfTap) / lineLimit)),
  };
}

function placesOf(first: number, count: number, step: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index * step);
}

/** About `wanted` rows, but at least 64 pixels, in whole tiles of 16 if possible, shared out evenly. */
function rowsOfStrip(rows: number, columns: number, wanted: number): number {
  const least = Math.max(Math.floor(wanted), Math.ceil(64 / columns));
  const even = Math.ceil(rows / Math.ceil(rows / least));
  const tile = 16 / gcd(16, columns);
  return Math.min(rows, Math.ceil(even / tile) * tile);
}

/** Writes the plan and the tables it points to. */
export function layPlan(pass: Pass, layout: Layout, at: number): void {
  const { pitch, plane, shifts, classRows } = layout;
  writeStruct(planStruct, at, {
    ...layout,
    channels: pass.channels,
    height: pass.height,
    width: pass.width,
    groups: pass.groups,
    outputs: pass.outputs,
    outputPlane: pass.outputPlane,
    copied: Number(layout.copied),
    copyBytes: copyBytes(pass, layout),
    top: pass.rowMargin.before,
    phases: pass.phases.length,
    columnPhases: pass.phases[0]!.columns.step,
  });
  let struct = at + planStruct.bytes;
  let table = at + structBytes(pass);
  let panels = 0;
  for (const phase of pass.phases) {
    const { rows, columns } = phase;
    const taps = tapsOf(pass, phase);
    writeStruct(phaseStruct, struct, {
      taps,
      tapTable: table,
      panels,
      rows: rows.count,
      columns: columns.count,
      first: 4 * (rows.first * pass.outputWidth + columns.first),
      rowBytes: 4 * rows.step * pass.outputWidth,
      columnBytes: 4 * columns.step,
    });
    struct += phaseStruct.bytes;
    panels += panelBytes(pass, phase);
    if (taps > 0) {
      const shift = (column: number) => Math.round((column * plane) / layout.shiftStep);
      kernels.conv2dTaps(
        table,
        pass.channels,
        4 * shifts * plane,
        rows.taps,
        pass.rowMargin.before + rows.window,
        rows.tapStep,
        layout.rowStep,
        4 * classRows * pitch,
        4 * pitch,
        columns.taps,
        4 * shift(columns.window - layout.shiftFirst),
        4 * shift(columns.tapStep),
      );
    }
    table += tableBytes(taps);
  }
}

export function planBytes(pass: Pass): number {
  return roundUp(structBytes(pass) + pass.phases.reduce((sum, phase) => sum + tableBytes(tapsOf(pass, phase)), 0));
}

/** The copy of a strip, with room behind it for vectors that run over the end. */
export function copyBytes({ channels }: Pass, { copied, shifts, plane }: Layout): number {
  return copied ? roundUp(4 * channels * shifts * plane) + 64 : 0;
}

/** What `conv2d` needs beside the copy: a tile, and the strip's result where there are several phases. */
export function partBytes({ phases, outputs }: Pass, { stripRows, pitch }: Layout): number {
  return 128 + (phases.length > 1 ? roundUp(4 * phases.length * outputs * stripRows * pitch) + 64 : 0);
}

function structBytes({ phases }: Pass): number {
  return roundUp(planStruct.bytes + phaseStruct.bytes * phases.length);
}
