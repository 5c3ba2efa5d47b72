import { NarrowPlan, clearPadded, copyPadded, narrowPhaseAt } from "./how/conv2dNarrowPlan";
import { madd } from "../how/simd";

/**
 * The convolution of conv2d.ts for groups of one output channel, as in depthwise convolutions, for which a copy with all shifts would
 * cost more than it saves: vectors run along rows of one padded copy.
 *
 *   tile   4 vectors of 4 pixels of one output channel; a step loads one tap of the 4 vectors' windows, splats one weight and
 *          does 4 multiply–adds. The pixel table says where vectors begin; the last of a row overlaps the one before.
 *   stride along columns, 2 or more: the copy keeps columns of equal remainder side by side (Plan.interleave)
 *   order  image and group → output channel → phase → 4 vectors → taps
 *
 * A unit is one image and group. Each element is its bias and then its taps in their order, the bits that conv2d gives. Arguments
 * as for conv2d.
 */
export function conv2dNarrow(
  planAt: usize,
  x: usize,
  panels: usize,
  bias: usize,
  y: usize,
  scratch: usize,
  from: u32,
  to: u32,
): void {
  const plan = changetype<NarrowPlan>(planAt);
  const outputs = plan.outputs;
  const groups = plan.groups;
  const pairs = (outputs + 1) >> 1;
  const planeOut = (<usize>plan.outputPlane) << 2;
  const sourceBytes = (<usize>(plan.channels * plan.height * plan.width)) << 2;
  const phases = plan.phases;
  const copied = plan.copied;
  if (copied) clearPadded(plan, scratch);

  for (let unit = from; unit < to; unit++) {
    const group = unit % groups;
    let source = x + sourceBytes * unit;
    if (copied) {
      copyPadded(plan, source, scratch);
      source = scratch;
    }
    for (let output: u32 = 0; output < outputs; output++) {
      const target = y + planeOut * (unit * outputs + output);
      const offset = f32x4.splat(bias ? f32.load(bias + ((<usize>(group * outputs + output)) << 2)) : 0);
      for (let index: u32 = 0; index < phases; index++) {
        const phase = narrowPhaseAt(planAt, index);
        const taps = phase.taps;
        const panel = panels + phase.panels + (((group * pairs + (output >> 1)) * taps) << 3) + ((<usize>(output & 1)) << 2);
        const tapTable = phase.tapTable;
        const tapEnd = tapTable + ((<usize>taps) << 2);
        const windowTable = phase.windowTable;
        const toPosition = phase.positionTable - windowTable;
        const windowEnd = windowTable + ((<usize>phase.vectors) << 2);
        const lanes = phase.lanes;
        const laneStep = phase.laneStep;
        for (let pixel = windowTable; pixel < windowEnd; pixel += 16) {
          const x0 = source + load<usize>(pixel);
          const x1 = source + load<usize>(pixel, 4);
          const x2 = source + load<usize>(pixel, 8);
          const x3 = source + load<usize>(pixel, 12);
          let c0 = offset;
          let c1 = offset;
          let c2 = offset;
          let c3 = offset;
          if (taps) {
            let w = panel;
            let tap = tapTable;
            while (true) {
              {
                const at = load<usize>(tap);
                const a0 = v128.load(x0 + at);
                const a1 = v128.load(x1 + at);
                const a2 = v128.load(x2 + at);
                const a3 = v128.load(x3 + at);
                const weight = v128.load32_splat(w);
                c0 = madd(a0, weight, c0);
                c1 = madd(a1, weight, c1);
                c2 = madd(a2, weight, c2);
                c3 = madd(a3, weight, c3);
              }
              w += 8;
              tap += 4;
              if (tap == tapEnd) break;
              {
                const at = load<usize>(tap);
                const a0 = v128.load(x0 + at);
                const a1 = v128.load(x1 + at);
                const a2 = v128.load(x2 + at);
                const a3 = v128.load(x3 + at);
                const weight = v128.load32_splat(w);
                c0 = madd(a0, weight, c0);
                c1 = madd(a1, weight, c1);
                c2 = madd(a2, weight, c2);
                c3 = madd(a3, weight, c3);
              }
              w += 8;
              tap += 4;
              if (tap == tapEnd) break;
            }
          }
          // Behind the last vector the tables repeat it, so it is stored again.
          const position = pixel + toPosition;
          const y0 = target + load<usize>(position);
          const y1 = target + load<usize>(position, 4);
          const y2 = target + load<usize>(position, 8);
          const y3 = target + load<usize>(position, 12);
          if (lanes == 4 && laneStep == 4) {
            v128.store(y0, c0);
            v128.store(y1, c1);
            v128.store(y2, c2);
            v128.store(y3, c3);
          } else {
            storeLanes(y0, c0, lanes, laneStep);
            storeLanes(y1, c1, lanes, laneStep);
            storeLanes(y2, c2, lanes, laneStep);
            storeLanes(y3, c3, lanes, laneStep);
          }
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function storeLanes(at: usize, value: v128, lanes: u32, step: usize): void {
  v128.store_lane<f32>(at, value, 0);
  if (lanes > 1) v128.store_lane<f32>(at + step, value, 1);
  if (lanes > 2) v128.store_lane<f32>(at + step * 2, value, 2);
  if (lanes > 3) v128.store_lane<f32>(at + step * 3, value, 3);
}
