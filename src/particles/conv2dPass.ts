/**
 * What a convolution kernel runs over. A pass (forward, or the input gradient) says where windows begin, how far their taps reach and
 * where results are stored; its plan in memory says it to the kernel.
 */
import { engine, kernels } from "../engine/module.ts";
import type { Axis, Conv2dGeometry } from "./conv2dGeometry.ts";

/** How one axis of a phase goes: which results it makes, where their windows begin, which taps of the kernel they use. */
export interface PhaseAxis {
  /** The first result, how many there are, and from one to the next. */
  readonly first: number;
  readonly count: number;
  readonly step: number;
  /** Where the first one's window begins, seen from the source's first element, and from one window to the next. */
  readonly window: number;
  readonly windowStep: number;
  /** Taps, and from one to the next in the source. */
  readonly taps: number;
  readonly tapStep: number;
  /** The weight of the first tap, and from one to the next. */
  readonly weightFirst: number;
  readonly weightStep: number;
}

/** The results that share one set of taps. */
export interface Phase {
  readonly rows: PhaseAxis;
  readonly columns: PhaseAxis;
}

/** Zeros around the source. */
interface Margin {
  readonly before: number;
  readonly after: number;
}

/** One run of the kernel over all images, and all that its plan says. */
export interface Pass {
  readonly images: number;
  readonly groups: number;
  /** Channels of a group, of the source and of the result. */
  readonly channels: number;
  readonly outputs: number;
  /** Whether vectors run along rows (`conv2dNarrow`), not over 8 output channels, of which there are too few. */
  readonly narrow: boolean;
  readonly height: number;
  readonly width: number;
  readonly rowMargin: Margin;
  readonly columnMargin: Margin;
  /** Whether windows are read from a copy. */
  readonly copied: boolean;
  /** Segments of a row of the copy, and elements in each. */
  readonly interleave: number;
  readonly segment: number;
  /** Elements from one channel to the next, where windows are read. */
  readonly plane: number;
  /** Strips of so many rows of the result; each reads `stripHeight` rows, `stripStep` farther on from strip to strip. */
  readonly strips: number;
  readonly stripRows: number;
  readonly stripHeight: number;
  readonly stripStep: number;
  /** Taps that a tile sums before the next tile has its turn. */
  readonly slice: number;
  readonly outputWidth: number;
  readonly outputPlane: number;
  readonly phases: readonly Phase[];
  readonly kernelWidth: number;
  /** Elements from one to the next in the weight. */
  readonly weightSteps: { readonly group: number; readonly output: number; readonly channel: number };
  /** What the packed weights depend on, besides the weight. */
  readonly panelKey: string;
}

/** With `whole`, in one strip: the weight gradient sums over all pixels. */
export function forwardPass(geometry: Conv2dGeometry, whole = false): Pass {
  const { groups, channels, outputs, rows, columns } = geometry;
  const taps = rows.kernel * columns.kernel;
  const phases = [{ rows: forwardAxis(rows), columns: forwardAxis(columns) }];
  return {
    ...layout(geometry, phases, channels, outputs, rows.input, columns.input, rows, columns, whole),
    outputWidth: columns.output,
    outputPlane: rows.output * columns.output,
    phases,
    weightSteps: { group: outputs * channels * taps, output: channels * taps, channel: taps },
    panelKey: `${[groups, outputs, channels, rows.kernel, columns.kernel]}`,
  };
}

function forwardAxis({ output, kernel, stride, dilation, before }: Axis): PhaseAxis {
  return {
    first: 0,
    count: output,
    step: 1,
    window: -before,
    windowStep: stride,
    taps: kernel,
    tapStep: dilation,
    weightFirst: 0,
    weightStep: 1,
  };
}

/**
 * dx[h] = Σ r  dy[(h + before − r·dilation) / stride] · w[r], over the r that leave no remainder. All h with the same remainder
 * of h + before use the same r: together they are a convolution of stride 1 over dy with the kernel turned around.
 */
export function gradInputPass(geometry: Conv2dGeometry): Pass {
  const { groups, channels, outputs, rows, columns } = geometry;
  const taps = rows.kernel * columns.kernel;
  const rowPhases = gradInputAxes(rows);
  const columnPhases = gradInputAxes(columns);
  const [rowMargin, columnMargin] = [marginOf(rows, rowPhases), marginOf(columns, columnPhases)];
  const phases = rowPhases.flatMap((row) => columnPhases.map((column) => ({ rows: row, columns: column })));
  return {
    ...layout(geometry, phases, outputs, channels, rows.output, columns.output, rowMargin, columnMargin, false),
    outputWidth: columns.input,
    outputPlane: rows.input * columns.input,
    phases,
    weightSteps: { group: outputs * channels * taps, output: taps, channel: channels * taps },
    panelKey: [groups, outputs, channels, ...keyOf(rows), ...keyOf(columns)].join(),
  };
}

/** One phase for each remainder of the stride, also where it has no result or no tap. */
function gradInputAxes({ input, kernel, stride, dilation, before }: Axis): PhaseAxis[] {
  const common = gcd(stride, dilation);
  const weightStep = stride / common;
  const tapStep = dilation / common;
  return Array.from({ length: stride }, (_, remainder) => {
    const first = (((remainder - before) % stride) + stride) % stride;
    let weight = 0;
    while (weight < weightStep && (weight * dilation) % stride !== remainder) weight++;
    const taps = weight < weightStep ? Math.max(0, Math.ceil((kernel - weight) / weightStep)) : 0;
    return {
      first,
      count: Math.max(0, Math.ceil((input - first) / stride)),
      step: stride,
      window: taps ? (first + before - weight * dilation) / stride - (taps - 1) * tapStep : 0,
      windowStep: 1,
      taps,
      tapStep,
      weightFirst: taps ? weight + (taps - 1) * weightStep : 0,
      weightStep: -weightStep,
    };
  });
}

/** As many zeros as the windows of all phases reach over the ends. */
function marginOf({ output }: Axis, phases: readonly PhaseAxis[]): Margin {
  let [before, after] = [0, 0];
  for (const { window, count, taps, tapStep } of phases) {
    if (count === 0 || taps === 0) continue;
    before = Math.max(before, -window);
    after = Math.max(after, window + count + (taps - 1) * tapStep - output);
  }
  return { before, after };
}

function keyOf({ kernel, stride, dilation }: Axis): number[] {
  return [kernel, stride, dilation];
}

/** Bytes of a strip's copy, which stays in the second-level cache beside the weights. */
const stripLimit = 65536;
/** Taps whose weights stay in the first-level cache while all tiles of a strip pass by. */
const sliceLimit = 320;

/**
 * How the source lies where windows are read: in place, or copied, strip by strip where it is large, into planes with zeros around
 * them and a line more, so that they are no power of two apart.
 */
function layout(
  { images, groups, columns: { kernel } }: Conv2dGeometry,
  phases: readonly Phase[],
  channels: number,
  outputs: number,
  height: number,
  width: number,
  rowMargin: Margin,
  columnMargin: Margin,
  whole: boolean,
) {
  const narrow = outputs <= 4;
  const { windowStep: stripStep } = phases[0]!.rows;
  const interleave = narrow ? phases[0]!.columns.windowStep : 1;
  const segment = Math.ceil((columnMargin.before + width + columnMargin.after) / interleave);
  const rowBytes = 4 * channels * segment * interleave;
  const allRows = rowMargin.before + height + rowMargin.after;
  const zeros = rowMargin.before + rowMargin.after + columnMargin.before + columnMargin.after;
  const cut = !narrow && !whole && outputs > 8 && rowBytes * allRows > stripLimit;
  const [most, wide, reach] = [
    Math.max(...phases.map(({ rows }) => rows.count)),
    Math.max(1, ...phases.map(({ columns }) => columns.count)),
    Math.max(...phases.map(({ rows }) => rowMargin.before + rows.window + (rows.taps - 1) * rows.tapStep + 1)),
  ];
  const stripRows = cut ? rowsOfStrip(most, wide, (stripLimit / rowBytes - reach) / stripStep + 1) : most;
  const strips = Math.ceil(most / stripRows);
  const copied = zeros > 0 || interleave > 1 || strips > 1;
  const stripHeight = strips > 1 ? (stripRows - 1) * stripStep + reach : allRows;
  const taps = Math.max(1, ...phases.map(({ rows, columns }) => channels * rows.taps * columns.taps));
  return {
    images,
    groups,
    channels,
    outputs,
    narrow,
    height,
    width,
    rowMargin,
    columnMargin,
    copied,
    interleave,
    segment,
    plane: stripHeight * segment * interleave + (copied ? 16 : 0),
    strips,
    stripRows,
    stripHeight,
    stripStep: stripRows * stripStep,
    slice: narrow ? taps : Math.ceil(taps / Math.ceil(taps / sliceLimit)),
    kernelWidth: kernel,
  };
}

/** About `wanted` rows, but at least 32 pixels, in whole tiles of 4, shared out evenly. */
function rowsOfStrip(rows: number, columns: number, wanted: number): number {
  const least = Math.max(Math.floor(wanted), Math.ceil(32 / columns));
  const even = Math.ceil(rows / Math.ceil(rows / least));
  const tile = 4 / gcd(4, columns);
  return Math.min(rows, Math.ceil(even / tile) * tile);
}

/** Of the classes Plan and Phase in `assembly/conv2dPlan.ts`. */
const planWords = 19;
const phaseWords = 11;

/** Writes the plan and the tables it points to. */
export function layPlan(pass: Pass, at: number): void {
  const { channels, interleave, segment, plane, outputWidth } = pass;
  const pitch = interleave * segment;
  const words = [
    channels,
    pass.height,
    pass.width,
    pass.rowMargin.before,
    pass.columnMargin.before,
    pitch,
    plane,
    pass.strips,
    pass.stripRows,
    pass.stripHeight,
    pass.stripStep,
    pass.slice,
    sumBytes(pass),
    Number(pass.copied),
    interleave,
    pass.groups,
    pass.outputs,
    pass.outputPlane,
    pass.phases.length,
  ];
  const fill = pass.narrow ? kernels.conv2dVectors : kernels.conv2dPixels;
  let table = at + wordBytes(pass);
  let panels = 0;
  for (const phase of pass.phases) {
    const { rows, columns } = phase;
    const pixels = entriesOf(pass, phase);
    const pixelTable = table;
    const tapTable = pixelTable + tableBytes(pixels);
    const positionTable = hasPositions(pass) ? tapTable + tableBytes(tapsOf(pass, phase)) : 0;
    table = tapTable + tableBytes(tapsOf(pass, phase)) + (positionTable ? tableBytes(pixels) : 0);
    words.push(pixels, tapsOf(pass, phase), pixelTable, tapTable, positionTable, panels);
    words.push(Math.min(4, columns.count), 4 * columns.step, rows.count, columns.count, 4 * outputWidth * rows.step);
    panels += panelBytes(pass, phase);
    if (pixels === 0) continue;
    const window = (pass.rowMargin.before + rows.window) * pitch + pass.columnMargin.before + columns.window;
    const columnStep = interleave > 1 ? 1 : columns.windowStep;
    fill(
      pixelTable,
      Math.min(rows.count, pass.stripRows),
      columns.count,
      4 * window,
      4 * pitch * rows.windowStep,
      4 * columnStep,
    );
    kernels.conv2dTaps(
      tapTable,
      channels,
      4 * plane,
      rows.taps,
      4 * pitch * rows.tapStep,
      columns.taps,
      columns.tapStep,
      interleave,
      segment,
    );
    if (positionTable) {
      const first = 4 * (rows.first * outputWidth + columns.first);
      fill(
        positionTable,
        Math.min(rows.count, pass.stripRows),
        columns.count,
        first,
        4 * outputWidth * rows.step,
        4 * columns.step,
      );
    }
  }
  new Int32Array(engine().memory.buffer, at, words.length).set(words);
}

export function planBytes(pass: Pass): number {
  let bytes = wordBytes(pass);
  for (const phase of pass.phases) {
    bytes += tableBytes(entriesOf(pass, phase)) * (hasPositions(pass) ? 2 : 1) + tableBytes(tapsOf(pass, phase));
  }
  return roundUp(bytes);
}

/** Taps of one output channel. */
export function tapsOf({ channels }: Pass, { rows, columns }: Phase): number {
  return channels * rows.taps * columns.taps;
}

/** Panels of 8 output channels. */
export function panelCount({ groups, outputs }: Pass): number {
  return groups * Math.ceil(outputs / 8);
}

/** The packed weights of a phase. */
export function panelBytes(pass: Pass, phase: Phase): number {
  return panelCount(pass) * 32 * tapsOf(pass, phase);
}

/** What tiles of a strip have summed between two slices. */
export function sumBytes(pass: Pass): number {
  if (pass.phases.every((phase) => tapsOf(pass, phase) <= pass.slice)) return 0;
  return 128 * Math.ceil(Math.max(...pass.phases.map((phase) => entriesOf(pass, phase))) / 4);
}

/** The padded planes of one image's group, with room behind them for vectors that run over the end. */
export function copyBytes({ copied, channels, plane }: Pass): number {
  return copied ? roundUp(4 * channels * plane) + 64 : 0;
}

export function roundUp(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/** With one phase, pixels lie in the result as they are numbered; vectors, which overlap, do not. */
function hasPositions({ narrow, phases }: Pass): boolean {
  return narrow || phases.length > 1;
}

/** Pixels of the first strip, or vectors of them. */
function entriesOf({ narrow, stripRows }: Pass, { rows, columns }: Phase): number {
  return Math.min(rows.count, stripRows) * (narrow ? Math.ceil(columns.count / 4) : columns.count);
}

function wordBytes({ phases }: Pass): number {
  return roundUp(4 * (planWords + phaseWords * phases.length));
}

/** The entries and four copies of the last. */
function tableBytes(entries: number): number {
  return 4 * (entries + 4);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
