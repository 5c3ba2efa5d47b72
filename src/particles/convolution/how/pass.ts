/**
 * What a convolution kernel runs over. A pass (forward, or the input gradient) says where windows begin, how far their taps reach and
 * where results are stored; its plan in memory (`conv2dPlan.ts`, `conv2dNarrowPlan.ts`) says it to the kernel.
 */
import type { Axis, Conv2dGeometry } from "./geometry.ts";

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

/** One run of the kernel over all images. */
export interface Pass {
  readonly images: number;
  readonly groups: number;
  /** Channels of a group, of the source and of the result. */
  readonly channels: number;
  readonly outputs: number;
  readonly height: number;
  readonly width: number;
  readonly rowMargin: Margin;
  readonly columnMargin: Margin;
  readonly outputWidth: number;
  readonly outputPlane: number;
  readonly phases: readonly Phase[];
  readonly kernelWidth: number;
  /** Elements from one to the next in the weight. */
  readonly weightSteps: { readonly group: number; readonly output: number; readonly channel: number };
  /** What the packed weights depend on, besides the weight. */
  readonly panelKey: string;
}

export function forwardPass(geometry: Conv2dGeometry): Pass {
  const { images, groups, channels, outputs, rows, columns } = geometry;
  const taps = rows.kernel * columns.kernel;
  const phases = [{ rows: forwardAxis(rows), columns: forwardAxis(columns) }];
  return {
    images,
    groups,
    channels,
    outputs,
    height: rows.input,
    width: columns.input,
    rowMargin: rows,
    columnMargin: columns,
    kernelWidth: columns.kernel,
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
  const { images, groups, channels, outputs, rows, columns } = geometry;
  const taps = rows.kernel * columns.kernel;
  const rowPhases = gradInputAxes(rows);
  const columnPhases = gradInputAxes(columns);
  const phases = rowPhases.flatMap((row) => columnPhases.map((column) => ({ rows: row, columns: column })));
  return {
    images,
    groups,
    channels: outputs,
    outputs: channels,
    height: rows.output,
    width: columns.output,
    rowMargin: marginOf(rows, rowPhases),
    columnMargin: marginOf(columns, columnPhases),
    kernelWidth: columns.kernel,
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

/** Whether vectors run along the rows of one padded copy (`conv2dNarrow`): where a group makes a single channel. */
export function isNarrow({ outputs }: Pass): boolean {
  return outputs === 1;
}

/** Taps of one output channel. */
export function tapsOf({ channels }: Pass, { rows, columns }: Phase): number {
  return channels * rows.taps * columns.taps;
}

/** Panels of 2 output channels. */
export function panelCount({ groups, outputs }: Pass): number {
  return groups * Math.ceil(outputs / 2);
}

/** The packed weights of a phase. */
export function panelBytes(pass: Pass, phase: Phase): number {
  return panelCount(pass) * 8 * tapsOf(pass, phase);
}

/** A table of so many entries, and four copies of the last. */
export function tableBytes(entries: number): number {
  return 4 * (entries + 4);
}

export function roundUp(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

export function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
