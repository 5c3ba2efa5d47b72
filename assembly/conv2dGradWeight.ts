import { Plan, clearPadded, copyPadded, phaseAt } from "./conv2dPlan";
import { madd } from "./simd";

/**
 * dw[o, k] = Σ n Σ p  dy[n, o, p] · x[n, pixel[p] + tap[k]]: the tables of forward with their roles exchanged. The tile is 4 taps × 8
 * output channels, summed over pixels.
 *
 *   dy     one image's 8 output channels are turned into a panel [pixels][8] in scratch memory
 *   slots  [slots][groups][outputs/8][taps in fours][8]: the sum over the images of a slot, in their order. How many images make
 *          a slot depends on shapes only; conv2dGradWeightSum adds the slots in order.
 *   order  slot → image → group (copied once into zero-padded planes) → 8 output channels → 4 taps → pixels
 *
 * A unit is 8 output channels of one slot and group, in the order (slot, group, block). Scratch: the padded planes, then the
 * panel.
 */
export function conv2dGradWeight(
  planAt: usize,
  x: usize,
  dy: usize,
  slots: usize,
  images: u32,
  imagesPerSlot: u32,
  scratch: usize,
  from: u32,
  to: u32,
): void {
  const plan = changetype<Plan>(planAt);
  const phase = phaseAt(planAt, 0);
  const outputs = plan.outputs;
  const groups = plan.groups;
  const blocks = (outputs + 7) >> 3;
  const unitsPerSlot = groups * blocks;
  const pixels = phase.pixels;
  const taps = phase.taps;
  const planeOut = (<usize>pixels) << 2;
  const sourceBytes = (<usize>(plan.channels * plan.height * plan.width)) << 2;
  const slotBytes = (<usize>((taps + 3) & ~3)) << 5;
  const copied = plan.copied;
  const padded = scratch;
  const panel = scratch + (copied ? (<usize>(plan.channels * plan.plane)) << 2 : 0);
  const pixelTable = phase.pixelTable;
  const pixelEnd = pixelTable + ((<usize>pixels) << 2);
  if (copied) clearPadded(plan, padded);

  while (from < to) {
    const slot = from / unitsPerSlot;
    const first = from % unitsPerSlot;
    const end = min<u32>(unitsPerSlot, first + to - from);
    const firstImage = slot * imagesPerSlot;
    const lastImage = min<u32>(images, firstImage + imagesPerSlot);
    for (let image = firstImage; image < lastImage; image++) {
      let present: u32 = -1;
      for (let unit = first; unit < end; unit++) {
        const group = unit / blocks;
        const imageGroup = image * groups + group;
        let source = x + sourceBytes * imageGroup;
        if (copied) {
          if (group != present) copyPadded(plan, source, padded, 0);
          present = group;
          source = padded;
        }
        const output = unit % blocks << 3;
        const valid = min<u32>(8, outputs - output);
        conv2dPanelOf(dy + planeOut * (imageGroup * outputs + output), panel, valid, pixels);

        let sum = slots + slotBytes * (slot * unitsPerSlot + unit);
        let tap = phase.tapTable;
        for (let k: u32 = 0; k < taps; k += 4, tap += 16, sum += 128) {
          const x0 = source + load<usize>(tap);
          const x1 = source + load<usize>(tap, 4);
          const x2 = source + load<usize>(tap, 8);
          const x3 = source + load<usize>(tap, 12);
          let c00 = f32x4.splat(0);
          let c01 = c00;
          let c10 = c00;
          let c11 = c00;
          let c20 = c00;
          let c21 = c00;
          let c30 = c00;
          let c31 = c00;
          let d = panel;
          let pixel = pixelTable;
          while (true) {
            {
              const at = load<usize>(pixel);
              const a0 = v128.load32_splat(x0 + at);
              const a1 = v128.load32_splat(x1 + at);
              const a2 = v128.load32_splat(x2 + at);
              const a3 = v128.load32_splat(x3 + at);
              const d0 = v128.load(d);
              const d1 = v128.load(d, 16);
              c00 = madd(a0, d0, c00);
              c10 = madd(a1, d0, c10);
              c20 = madd(a2, d0, c20);
              c30 = madd(a3, d0, c30);
              c01 = madd(a0, d1, c01);
              c11 = madd(a1, d1, c11);
              c21 = madd(a2, d1, c21);
              c31 = madd(a3, d1, c31);
            }
            d += 32;
            pixel += 4;
            if (pixel == pixelEnd) break;
            {
              const at = load<usize>(pixel);
              const a0 = v128.load32_splat(x0 + at);
              const a1 = v128.load32_splat(x1 + at);
              const a2 = v128.load32_splat(x2 + at);
              const a3 = v128.load32_splat(x3 + at);
              const d0 = v128.load(d);
              const d1 = v128.load(d, 16);
              c00 = madd(a0, d0, c00);
              c10 = madd(a1, d0, c10);
              c20 = madd(a2, d0, c20);
              c30 = madd(a3, d0, c30);
              c01 = madd(a0, d1, c01);
              c11 = madd(a1, d1, c11);
              c21 = madd(a2, d1, c21);
              c31 = madd(a3, d1, c31);
            }
            d += 32;
            pixel += 4;
            if (pixel == pixelEnd) break;
          }
          if (image != firstImage) {
            c00 = f32x4.add(v128.load(sum), c00);
            c01 = f32x4.add(v128.load(sum, 16), c01);
            c10 = f32x4.add(v128.load(sum, 32), c10);
            c11 = f32x4.add(v128.load(sum, 48), c11);
            c20 = f32x4.add(v128.load(sum, 64), c20);
            c21 = f32x4.add(v128.load(sum, 80), c21);
            c30 = f32x4.add(v128.load(sum, 96), c30);
            c31 = f32x4.add(v128.load(sum, 112), c31);
          }
          v128.store(sum, c00);
          v128.store(sum, c01, 16);
          v128.store(sum, c10, 32);
          v128.store(sum, c11, 48);
          v128.store(sum, c20, 64);
          v128.store(sum, c21, 80);
          v128.store(sum, c30, 96);
          v128.store(sum, c31, 112);
        }
      }
    }
    from += end - first;
  }
}

/** Planes [valid][pixels] as a panel [pixels][8]; channels from `valid` on are 0. */
function conv2dPanelOf(planes: usize, panel: usize, valid: u32, pixels: u32): void {
  const plane = (<usize>pixels) << 2;
  if (valid < 8) memory.fill(panel, 0, plane << 3);
  let channel: u32 = 0;
  for (; channel + 4 <= valid; channel += 4, planes += plane << 2, panel += 16) {
    let r0 = planes;
    let to = panel;
    let left = pixels;
    for (; left >= 4; left -= 4, r0 += 16, to += 128) {
      const a0 = v128.load(r0);
      const a1 = v128.load(r0 + plane);
      const a2 = v128.load(r0 + plane * 2);
      const a3 = v128.load(r0 + plane * 3);
      const low01 = i32x4.shuffle(a0, a1, 0, 4, 1, 5);
      const low23 = i32x4.shuffle(a2, a3, 0, 4, 1, 5);
      v128.store(to, i32x4.shuffle(low01, low23, 0, 1, 4, 5));
      v128.store(to, i32x4.shuffle(low01, low23, 2, 3, 6, 7), 32);
      const high01 = i32x4.shuffle(a0, a1, 2, 6, 3, 7);
      const high23 = i32x4.shuffle(a2, a3, 2, 6, 3, 7);
      v128.store(to, i32x4.shuffle(high01, high23, 0, 1, 4, 5), 64);
      v128.store(to, i32x4.shuffle(high01, high23, 2, 3, 6, 7), 96);
    }
    for (; left > 0; left--, r0 += 4, to += 32) {
      f32.store(to, f32.load(r0));
      f32.store(to, f32.load(r0 + plane), 4);
      f32.store(to, f32.load(r0 + plane * 2), 8);
      f32.store(to, f32.load(r0 + plane * 3), 12);
    }
  }
  for (; channel < valid; channel++, planes += plane, panel += 4) {
    for (let at: usize = 0, to = panel; at < plane; at += 4, to += 32) f32.store(to, f32.load(planes + at));
  }
}

/**
 * dw[o, k] = Σ slots, in their order, for the units (group, 8 output channels) in [from, to); 0 if there is none. `dw` is
 * [groups · outputs][taps]. The first slot is overwritten.
 */
export function conv2dGradWeightSum(
  slots: usize,
  dw: usize,
  count: u32,
  groups: u32,
  outputs: u32,
  taps: u32,
  from: u32,
  to: u32,
): void {
  const blocks = (outputs + 7) >> 3;
  const unitBytes = (<usize>((taps + 3) & ~3)) << 5;
  const slotBytes = unitBytes * (groups * blocks);
  const row = (<usize>taps) << 2;
  for (let unit = from; unit < to; unit++) {
    const output = unit % blocks << 3;
    const valid = min<u32>(8, outputs - output);
    const target = dw + row * ((unit / blocks) * outputs + output);
    let source = slots + unitBytes * unit;
    for (let k: u32 = 0; k < taps; k++, source += 32) {
      let s0 = f32x4.splat(0);
      let s1 = s0;
      for (let slot: u32 = 0, at = source; slot < count; slot++, at += slotBytes) {
        s0 = f32x4.add(s0, v128.load(at));
        s1 = f32x4.add(s1, v128.load(at, 16));
      }
      v128.store(source, s0);
      v128.store(source, s1, 16);
      let at = target + ((<usize>k) << 2);
      for (let j: u32 = 0; j < valid; j++, at += row) f32.store(at, f32.load(source + (j << 2)));
    }
  }
}

/**
 * db[o] = Σ n Σ p  dy[n, o, p] for the channels in [from, to): four vectors take turns, image after image, and are added at the
 * end as (0 + 1) + (2 + 3).
 */
export function conv2dGradBias(dy: usize, db: usize, images: u32, channels: u32, pixels: u32, from: u32, to: u32): void {
  const plane = (<usize>pixels) << 2;
  const whole = plane & ~63;
  const rest = plane & ~15;
  const lanes = i32x4(0, 1, 2, 3);
  const mask = i32x4.lt_s(lanes, i32x4.splat(<i32>(pixels & 3)));
  for (let channel = from; channel < to; channel++) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let image: u32 = 0; image < images; image++) {
      const source = dy + plane * (image * channels + channel);
      let at: usize = 0;
      for (; at < whole; at += 64) {
        s0 = f32x4.add(s0, v128.load(source + at));
        s1 = f32x4.add(s1, v128.load(source + at, 16));
        s2 = f32x4.add(s2, v128.load(source + at, 32));
        s3 = f32x4.add(s3, v128.load(source + at, 48));
      }
      for (; at < rest; at += 16) s0 = f32x4.add(s0, v128.load(source + at));
      if (at < plane) s1 = f32x4.add(s1, v128.and(v128.load(source + at), mask));
    }
    const sum = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
    f32.store(
      db + ((<usize>channel) << 2),
      f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 2) + (f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 3)),
    );
  }
}
