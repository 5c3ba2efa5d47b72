import { NarrowPlan, clearPadded, copyPadded, narrowPhaseAt } from "./how/conv2dNarrowPlan";
import { horizontalSum, madd } from "../how/simd";

/**
 * dw of conv2dGradWeight for groups with few output channels: four lanes sum four neighbouring pixels each, for 5 taps at a time
 * (9, 25 and 49 taps fill 10, 25 and 50).
 *
 *   slots  [slots][groups][outputs][taps in fives][4]
 *   order  slot → image → group → output channel → 5 taps → 4 columns → rows; the columns that are no vector are masked, in `dy`
 *          and in `x`, so that no NaN comes in from the next row
 *
 * A unit is one slot and group. `rowStep` is the bytes from the windows of one row to those of the next. Scratch: the padded planes.
 */
export function conv2dNarrowGradWeight(
  planAt: usize,
  x: usize,
  dy: usize,
  slots: usize,
  images: u32,
  imagesPerSlot: u32,
  rows: u32,
  columns: u32,
  rowStep: usize,
  scratch: usize,
  from: u32,
  to: u32,
): void {
  const plan = changetype<NarrowPlan>(planAt);
  const phase = narrowPhaseAt(planAt, 0);
  const outputs = plan.outputs;
  const groups = plan.groups;
  const taps = phase.taps;
  const width = (<usize>columns) << 2;
  const planeOut = width * rows;
  const whole = width & ~15;
  const mask = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>(columns & 3)));
  const sourceBytes = (<usize>(plan.channels * plan.height * plan.width)) << 2;
  const outputBytes = (<usize>((taps + 4) / 5)) * 80;
  const copied = plan.copied;
  if (copied) clearPadded(plan, scratch);

  while (from < to) {
    const slot = from / groups;
    const first = from % groups;
    const end = min<u32>(groups, first + to - from);
    const firstImage = slot * imagesPerSlot;
    const lastImage = min<u32>(images, firstImage + imagesPerSlot);
    for (let image = firstImage; image < lastImage; image++) {
      for (let group = first; group < end; group++) {
        const imageGroup = image * groups + group;
        let source = x + sourceBytes * imageGroup;
        if (copied) {
          copyPadded(plan, source, scratch);
          source = scratch;
        }
        let sum = slots + outputBytes * ((slot * groups + group) * outputs);
        let gradient = dy + planeOut * (imageGroup * outputs);
        for (let output: u32 = 0; output < outputs; output++, gradient += planeOut) {
          let tap = phase.tapTable;
          for (let k: u32 = 0; k < taps; k += 5, tap += 20, sum += 80) {
            const x0 = source + load<usize>(tap);
            const x1 = source + load<usize>(tap, 4);
            const x2 = source + load<usize>(tap, 8);
            const x3 = source + load<usize>(tap, 12);
            const x4 = source + load<usize>(tap, 16);
            let c0 = f32x4.splat(0);
            let c1 = c0;
            let c2 = c0;
            let c3 = c0;
            let c4 = c0;
            let column: usize = 0;
            for (; column < whole; column += 16) {
              let at = column;
              for (let d = gradient + column, last = gradient + planeOut; d < last; d += width, at += rowStep) {
                const g = v128.load(d);
                c0 = madd(g, v128.load(x0 + at), c0);
                c1 = madd(g, v128.load(x1 + at), c1);
                c2 = madd(g, v128.load(x2 + at), c2);
                c3 = madd(g, v128.load(x3 + at), c3);
                c4 = madd(g, v128.load(x4 + at), c4);
              }
            }
            if (column < width) {
              let at = column;
              for (let d = gradient + column, last = gradient + planeOut; d < last; d += width, at += rowStep) {
                const g = v128.and(v128.load(d), mask);
                c0 = madd(g, v128.and(v128.load(x0 + at), mask), c0);
                c1 = madd(g, v128.and(v128.load(x1 + at), mask), c1);
                c2 = madd(g, v128.and(v128.load(x2 + at), mask), c2);
                c3 = madd(g, v128.and(v128.load(x3 + at), mask), c3);
                c4 = madd(g, v128.and(v128.load(x4 + at), mask), c4);
              }
            }
            if (image != firstImage) {
              c0 = f32x4.add(v128.load(sum), c0);
              c1 = f32x4.add(v128.load(sum, 16), c1);
              c2 = f32x4.add(v128.load(sum, 32), c2);
              c3 = f32x4.add(v128.load(sum, 48), c3);
              c4 = f32x4.add(v128.load(sum, 64), c4);
            }
            v128.store(sum, c0);
            v128.store(sum, c1, 16);
            v128.store(sum, c2, 32);
            v128.store(sum, c3, 48);
            v128.store(sum, c4, 64);
          }
        }
      }
    }
    from += end - first;
  }
}

/** dw[o, k] = the four lanes of Σ slots, in their order, for the output channels in [from, to). `dw` is [channels][taps]. */
export function conv2dNarrowGradWeightSum(
  slots: usize,
  dw: usize,
  count: u32,
  channels: u32,
  taps: u32,
  from: u32,
  to: u32,
): void {
  const outputBytes = (<usize>((taps + 4) / 5)) * 80;
  const slotBytes = outputBytes * channels;
  for (let channel = from; channel < to; channel++) {
    let target = dw + ((<usize>taps) << 2) * channel;
    let source = slots + outputBytes * channel;
    for (let k: u32 = 0; k < taps; k++, source += 16, target += 4) {
      let sum = f32x4.splat(0);
      for (let slot: u32 = 0, at = source; slot < count; slot++, at += slotBytes) sum = f32x4.add(sum, v128.load(at));
      f32.store(target, horizontalSum(sum));
    }
  }
}
