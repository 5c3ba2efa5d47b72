/** Plans for `assembly/convolution/conv2dNarrow.ts` and its weight gradient: a padded copy along whose rows vectors run. */
import { narrowPhaseStruct, narrowPlanStruct } from "../../../engine/generated/border.ts";
import { kernels } from "../../../engine/generated/convolution.ts";
import { writeStruct } from "../../../engine/struct.ts";
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

/** Writes the plan and the tables it points to. */
export function layNarrowPlan(pass: Pass, layout: NarrowLayout, at: number): void {
  const { channels, outputWidth, rowMargin, columnMargin } = pass;
  const { interleave, segment, plane } = layout;
  const pitch = interleave * segment;
  writeStruct(narrowPlanStruct, at, {
    channels,
    height: pass.height,
    width: pass.width,
    top: rowMargin.before,
    left: columnMargin.before,
    pitch,
    plane,
    copied: Number(layout.copied),
    interleave,
    groups: pass.groups,
    outputs: pass.outputs,
    outputPlane: pass.outputPlane,
    phases: pass.phases.length,
  });
  let struct = at + narrowPlanStruct.bytes;
  let table = at + structBytes(pass);
  let panels = 0;
  for (const phase of pass.phases) {
    const { rows, columns } = phase;
    const vectors = vectorsOf(phase);
    const windowTable = table;
    const tapTable = windowTable + tableBytes(vectors);
    const positionTable = tapTable + tableBytes(tapsOf(pass, phase));
    table = positionTable + tableBytes(vectors);
    writeStruct(narrowPhaseStruct, struct, {
      vectors,
      taps: tapsOf(pass, phase),
      windowTable,
      tapTable,
      positionTable,
      panels,
      lanes: Math.min(4, columns.count),
      laneStep: 4 * columns.step,
    });
    struct += narrowPhaseStruct.bytes;
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
}

export function narrowPlanBytes(pass: Pass): number {
  const tables = pass.phases.map((phase) => 2 * tableBytes(vectorsOf(phase)) + tableBytes(tapsOf(pass, phase)));
  return roundUp(structBytes(pass) + tables.reduce((sum, bytes) => sum + bytes, 0));
}

/** The padded planes of one image's group, with room behind them for vectors that run over the end. */
export function narrowCopyBytes({ channels }: Pass, { copied, plane }: NarrowLayout): number {
  return copied ? roundUp(4 * channels * plane) + 64 : 0;
}

function vectorsOf({ rows, columns }: Phase): number {
  return rows.count * Math.ceil(columns.count / 4);
}

function structBytes({ phases }: Pass): number {
  return roundUp(narrowPlanStruct.bytes + narrowPhaseStruct.bytes * phases.length);
}
