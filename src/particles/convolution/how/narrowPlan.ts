/** Plans for `assembly/convolution/conv2dNarrow.ts` and its weight gradient: a padded copy along whose rows vectors run. */
import { engine, kernels } from "../../../engine/module.ts";
import { type Pass, type Phase, panelBytes, roundUp, tableBytes, tapsOf } from "./pass.ts";

export interface NarrowLayout {
  readonly copied: boolean;
  /** Segments of a row of the copy, and elements in each. */
  readonly interleave: number;
  readonly segment: number;
  /** Elements from one channel to the next, where windows are read. */
  readonly plane: number;
}

/**
 * How the source lies where windows are read: in place, or copied into planes with zeros around them and a line more, so that
 * they are no power of two apart.
 */
export function narrowLayoutOf({ phases, height, width, rowMargin, columnMargin }: Pass): NarrowLayout {
  const interleave = phases[0]!.columns.windowStep;
  const segment = Math.ceil((columnMargin.before + width + columnMargin.after) / interleave);
  const zeros = rowMargin.before + rowMargin.after + columnMargin.before + columnMargin.after;
  const copied = zeros > 0 || interleave > 1;
  const plane = (rowMargin.before + height + rowMargin.after) * segment * interleave + (copied ? 16 : 0);
  return { copied, interleave, segment, plane };
}

/** Of the classes NarrowPlan and NarrowPhase in `assembly/convolution/how/conv2dNarrowPlan.ts`. */
const planWords = 13;
const phaseWords = 8;

/** Writes the plan and the tables it points to. */
export function layNarrowPlan(pass: Pass, layout: NarrowLayout, at: number): void {
  const { channels, outputWidth, rowMargin, columnMargin } = pass;
  const { interleave, segment, plane } = layout;
  const pitch = interleave * segment;
  const words = [
    channels,
    pass.height,
    pass.width,
    rowMargin.before,
    columnMargin.before,
    pitch,
    plane,
    Number(layout.copied),
    interleave,
    pass.groups,
    pass.outputs,
    pass.outputPlane,
    pass.phases.length,
  ];
  let table = at + wordBytes(pass);
  let panels = 0;
  for (const phase of pass.phases) {
    const { rows, columns } = phase;
    const vectors = vectorsOf(phase);
    const windowTable = table;
    const tapTable = windowTable + tableBytes(vectors);
    const positionTable = tapTable + tableBytes(tapsOf(pass, phase));
    table = positionTable + tableBytes(vectors);
    words.push(vectors, tapsOf(pass, phase), windowTable, tapTable, positionTable, panels);
    words.push(Math.min(4, columns.count), 4 * columns.step);
    panels += panelBytes(pass, phase);
    if (vectors === 0) continue;
    const window = (rowMargin.before + rows.window) * pitch + columnMargin.before + columns.window;
    const columnStep = interleave > 1 ? 1 : columns.windowStep;
    const rowStep = 4 * pitch * rows.windowStep;
    kernels.conv2dVectors(windowTable, rows.count, columns.count, 4 * window, rowStep, 4 * columnStep);
    kernels.conv2dNarrowTaps(
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
    const first = 4 * (rows.first * outputWidth + columns.first);
    kernels.conv2dVectors(
      positionTable,
      rows.count,
      columns.count,
      first,
      4 * outputWidth * rows.step,
      4 * columns.step,
    );
  }
  new Int32Array(engine().memory.buffer, at, words.length).set(words);
}

export function narrowPlanBytes(pass: Pass): number {
  const tables = pass.phases.map((phase) => 2 * tableBytes(vectorsOf(phase)) + tableBytes(tapsOf(pass, phase)));
  return roundUp(wordBytes(pass) + tables.reduce((sum, bytes) => sum + bytes, 0));
}

/** The padded planes of one image's group, with room behind them for vectors that run over the end. */
export function narrowCopyBytes({ channels }: Pass, { copied, plane }: NarrowLayout): number {
  return copied ? roundUp(4 * channels * plane) + 64 : 0;
}

function vectorsOf({ rows, columns }: Phase): number {
  return rows.count * Math.ceil(columns.count / 4);
}

function wordBytes({ phases }: Pass): number {
  return roundUp(4 * (planWords + phaseWords * phases.length));
}
