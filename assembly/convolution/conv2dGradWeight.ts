import { Phase, Plan, phaseAt, stripOf } from "./how/conv2dPlan";
import { firstLanes, interleaveHigh, interleaveLow, joinHigh, joinLow, madd, storeLanes } from "../how/simd";

/**
 * dw[o, k] = Σ n Σ p  dy[n, o, p] · copy[n, tap[k] + p]: products of rows of pixels, of dy as it lies and of forward's copy of x.
 *
 *   tile   4 taps × 2 output channels: 8 accumulators, whose lanes each sum every fourth pixel. A step loads 4 vectors of x and 2
 *          of dy and does 8 multiply–adds, without a splat. At the end four accumulators are turned around and their lanes added,
 *          as (0 + 2) + (1 + 3). The pixels that are no vector are masked, in dy and in x, so that no NaN comes in from behind
 *   slots  [slots][groups][outputs/8][8][taps in fours]: the sum over the images of a slot, in their order. How many images make
 *          a slot depends on shapes only; conv2dGradWeightSum adds the slots in order.
 *   order  slot → image, or several small ones → group → strip of rows (copied) → 2 output channels → 4 taps → image → pixels. A
 *          strip has about a thousand pixels, so that six rows of them stay in the first-level cache
 *
 * The tests that never break are explained in conv2d.ts.
 *
 * A unit is 8 output channels of one slot and group, in the order (slot, group, block). Scratch: the copies.
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
  const taps = phase.taps;
  const planeOut = (<usize>plan.outputPlane) << 2;
  const sourceBytes = (<usize>(plan.channels * plan.height * plan.width)) << 2;
  const rowBytes = (<usize>((taps + 3) & ~3)) << 2;

  while (from < to) {
    const slot = from / unitsPerSlot;
    const first = from % unitsPerSlot;
    const end = min<u32>(unitsPerSlot, first + to - from);
    const firstImage = slot * imagesPerSlot;
    const lastImage = min<u32>(images, firstImage + imagesPerSlot);
    for (let image = firstImage; image < lastImage; image += plan.together) {
      const together = min<u32>(plan.together, lastImage - image);
      for (let unit = first; unit < end; ) {
        const group = unit / blocks;
        const firstOutput = unit % blocks << 3;
        const endUnit = min<u32>(end, (group + 1) * blocks);
        const endOutput = min<u32>(outputs, (endUnit - group * blocks) << 3);
        const sums = slots + (rowBytes << 3) * (slot * unitsPerSlot + group * blocks);
        for (let strip: u32 = 0; strip < plan.strips; strip++) {
          let source: usize = 0;
          for (let i = together; i > 0; i--) {
            const copy = scratch + plan.copyBytes * (i - 1);
            source = stripOf(plan, x + sourceBytes * ((image + i - 1) * groups + group), copy, strip);
          }
          const firstRow = strip * plan.stripRows;
          const pixels = min(plan.stripRows, phase.rows - firstRow) * plan.pitch;
          const gradient = dy + planeOut * ((image * groups + group) * outputs) + ((<usize>(firstRow * plan.pitch)) << 2);
          const begins = image == firstImage && strip == 0;
          tiles(
            source, phase, gradient, planeOut, pixels, firstOutput, endOutput, sums, begins, together,
            plan.copied ? plan.copyBytes : sourceBytes * groups, planeOut * (groups * outputs),
          );
        }
        unit = endUnit;
      }
    }
    from += end - first;
  }
}

/** The tiles of one strip of `together` images, whose sources and gradients lie `sourceStep` and `gradientStep` bytes apart. */
function tiles(
  source: usize, phase: Phase, gradient: usize, plane: usize, pixels: u32, firstOutput: u32, endOutput: u32,
  sums: usize, begins: bool, together: u32, sourceStep: usize, gradientStep: usize,
): void {
  const taps = phase.taps;
  const rowBytes = (<usize>((taps + 3) & ~3)) << 2;
  const whole = (<usize>(pixels & ~15)) << 2;
  const read = (<usize>((pixels + 3) & ~3)) << 2;
  for (let o = firstOutput; o < endOutput; o += 2) {
    const row = gradient + plane * o;
    const nextRow = o + 1 < endOutput ? row + plane : row;
    let sum = sums + rowBytes * o;
    let tap = phase.tapTable;
    for (let k: u32 = 0; k < taps; k += 4, tap += 16, sum += 16) {
      let x0 = source + load<usize>(tap), x1 = source + load<usize>(tap, 4);
      let x2 = source + load<usize>(tap, 8), x3 = source + load<usize>(tap, 12);
      let d0 = row, d1 = nextRow;
      let c00 = f32x4.splat(0), c01 = c00, c02 = c00, c03 = c00, c10 = c00, c11 = c00, c12 = c00, c13 = c00;
      let image = together;
      while (true) {
        const last = x0 + whole;
        if (x0 != last) {
          while (true) {
            {
              const g0 = v128.load(d0), g1 = v128.load(d1), a0 = v128.load(x0), a1 = v128.load(x1);
              c00 = madd(a0, g0, c00); c10 = madd(a0, g1, c10); c01 = madd(a1, g0, c01); c11 = madd(a1, g1, c11);
              if (x1 == 0) break;
              const a2 = v128.load(x2), a3 = v128.load(x3);
              c02 = madd(a2, g0, c02); c12 = madd(a2, g1, c12); c03 = madd(a3, g0, c03); c13 = madd(a3, g1, c13);
            }
            if (d0 == 0) break;
            {
              const g0 = v128.load(d0, 16), g1 = v128.load(d1, 16), a0 = v128.load(x0, 16), a1 = v128.load(x1, 16);
              c00 = madd(a0, g0, c00); c10 = madd(a0, g1, c10); c01 = madd(a1, g0, c01); c11 = madd(a1, g1, c11);
              if (x1 == 4) break;
              const a2 = v128.load(x2, 16), a3 = v128.load(x3, 16);
              c02 = madd(a2, g0, c02); c12 = madd(a2, g1, c12); c03 = madd(a3, g0, c03); c13 = madd(a3, g1, c13);
            }
            if (d0 == 4) break;
            {
              const g0 = v128.load(d0, 32), g1 = v128.load(d1, 32), a0 = v128.load(x0, 32), a1 = v128.load(x1, 32);
              c00 = madd(a0, g0, c00); c10 = madd(a0, g1, c10); c01 = madd(a1, g0, c01); c11 = madd(a1, g1, c11);
              if (x1 == 8) break;
              const a2 = v128.load(x2, 32), a3 = v128.load(x3, 32);
              c02 = madd(a2, g0, c02); c12 = madd(a2, g1, c12); c03 = madd(a3, g0, c03); c13 = madd(a3, g1, c13);
            }
            if (d0 == 8) break;
            {
              const g0 = v128.load(d0, 48), g1 = v128.load(d1, 48), a0 = v128.load(x0, 48), a1 = v128.load(x1, 48);
              c00 = madd(a0, g0, c00); c10 = madd(a0, g1, c10); c01 = madd(a1, g0, c01); c11 = madd(a1, g1, c11);
              if (x1 == 12) break;
              const a2 = v128.load(x2, 48), a3 = v128.load(x3, 48);
              c02 = madd(a2, g0, c02); c12 = madd(a2, g1, c12); c03 = madd(a3, g0, c03); c13 = madd(a3, g1, c13);
            }
            x0 += 64; x1 += 64; x2 += 64; x3 += 64; d0 += 64; d1 += 64;
            if (x0 == last) break;
          }
        }
        for (let left = <i32>(pixels & 15); left > 0; left -= 4) {
          const mask = firstLanes(left);
          const g0 = v128.and(v128.load(d0), mask), g1 = v128.and(v128.load(d1), mask);
          const a0 = v128.and(v128.load(x0), mask), a1 = v128.and(v128.load(x1), mask);
          c00 = madd(a0, g0, c00); c10 = madd(a0, g1, c10); c01 = madd(a1, g0, c01); c11 = madd(a1, g1, c11);
          if (x1 == 0) break;
          const a2 = v128.and(v128.load(x2), mask), a3 = v128.and(v128.load(x3), mask);
          c02 = madd(a2, g0, c02); c12 = madd(a2, g1, c12); c03 = madd(a3, g0, c03); c13 = madd(a3, g1, c13);
          x0 += 16; x1 += 16; x2 += 16; x3 += 16; d0 += 16; d1 += 16;
        }
        if (--image == 0) break;
        const nextSource = sourceStep - read, nextGradient = gradientStep - read;
        x0 += nextSource; x1 += nextSource; x2 += nextSource; x3 += nextSource;
        d0 += nextGradient; d1 += nextGradient;
      }
      let s0 = sumsOf(c00, c01, c02, c03), s1 = sumsOf(c10, c11, c12, c13);
      if (!begins) {
        s0 = f32x4.add(v128.load(sum), s0);
        s1 = f32x4.add(v128.load(sum + rowBytes), s1);
      }
      v128.store(sum, s0);
      v128.store(sum + rowBytes, s1);
    }
  }
}

/** The four sums over lanes of four vectors. */
// @ts-ignore: decorator
@inline
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = interleaveLow(a, b), cd = interleaveLow(c, d);
  const abHigh = interleaveHigh(a, b), cdHigh = interleaveHigh(c, d);
  return f32x4.add(
    f32x4.add(joinLow(ab, cd), joinLow(abHigh, cdHigh)),
    f32x4.add(joinHigh(ab, cd), joinHigh(abHigh, cdHigh)),
  );
}

/**
 * dw[o, k] = Σ slots, in their order, for the units (group, 8 output channels) in [from, to); 0 if there is none. `dw` is
 * [groups · outputs][taps].
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
  const rowBytes = (<usize>((taps + 3) & ~3)) << 2;
  const slotBytes = (rowBytes << 3) * (groups * blocks);
  for (let unit = from; unit < to; unit++) {
    const output = unit % blocks << 3;
    const valid = min<u32>(8, outputs - output);
    let target = dw + ((<usize>taps) << 2) * ((unit / blocks) * outputs + output);
    for (let j: u32 = 0; j < valid; j++) {
      let source = slots + (rowBytes << 3) * unit + rowBytes * j;
      for (let k: u32 = 0; k < taps; k += 4, source += 16) {
        let sum = f32x4.splat(0);
        for (let slot: u32 = 0, at = source; slot < count; slot++, at += slotBytes) sum = f32x4.add(sum, v128.load(at));
        storeLanes(target, sum, min<u32>(4, taps - k));
        target += (<usize>min<u32>(4, taps - k)) << 2;
      }
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
