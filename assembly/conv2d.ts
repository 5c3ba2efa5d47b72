import { Plan, clearPadded, copyPadded, phaseAt } from "./conv2dPlan";
import { madd } from "./simd";

/**
 * Convolution without a matrix of patches: y[o, p] = b[o] + Σ k  x[pixel[p] + tap[k]] · w[o, k], where two tables say where the
 * window of output pixel p begins and how far tap k = (channel, row, column) lies from there. Any kernel, stride,
 * padding and dilation is a matter of the tables; the loop below does not know them.
 *
 *   tile   4 pixels × 8 output channels in 8 accumulators: a step splats one tap of 4 windows, loads 8 weights
 *          (panel [taps][8]) and does 8 multiply–adds. The exit test between two steps keeps the compiler from
 *          moving the loads of both to the front, where they would not fit into the registers.
 *   order  image and group → strip of rows (copied into zero-padded planes, if there is padding or more than one strip) →
 *          phase → 8 output channels → slice of taps → 4 pixels → taps
 *   caches a strip's copy is small enough for the second level and for few memory pages, a slice's weights for the first; between
 *          two slices a tile's sums wait in scratch memory
 *
 * A unit is 8 output channels of one image and group, in the order (image, group, block). Neither the cut into units nor strips nor
 * slices change a bit: every element is its bias and then its taps, summed in their order.
 *
 * `x` [images · groups][channels][height][width], `panels` see conv2dPanels, `bias` [groups · outputs] or 0, `y` [images ·
 * groups][outputs][outputPlane]. With `rectify` 1 the result is max(y, 0). Scratch: 128 bytes, Plan.sumBytes, then
 * the padded planes.
 */
export function conv2d(
  planAt: usize,
  x: usize,
  panels: usize,
  bias: usize,
  y: usize,
  rectify: u32,
  scratch: usize,
  from: u32,
  to: u32,
): void {
  const plan = changetype<Plan>(planAt);
  const outputs = plan.outputs;
  const groups = plan.groups;
  const blocks = (outputs + 7) >> 3;
  const planeOut = (<usize>plan.outputPlane) << 2;
  const sourceBytes = (<usize>(plan.channels * plan.height * plan.width)) << 2;
  const phases = plan.phases;
  const copied = plan.copied;
  const sums = scratch + 128;
  const padded = sums + plan.sumBytes;
  if (copied) clearPadded(plan, padded);

  while (from < to) {
    const imageGroup = from / blocks;
    const group = imageGroup % groups;
    const firstBlock = from % blocks;
    const endBlock = min<u32>(blocks, firstBlock + to - from);
    from += endBlock - firstBlock;
    const image = x + sourceBytes * imageGroup;
    for (let strip: u32 = 0; strip < plan.strips; strip++) {
      let source = image; // in place, there is one strip
      if (copied) {
        copyPadded(plan, image, padded, strip);
        source = padded;
      }
      const firstRow = strip * plan.stripRows;
      for (let index: u32 = 0; index < phases; index++) {
        const phase = phaseAt(planAt, index);
        if (phase.rows <= firstRow) continue;
        const pixels = min(plan.stripRows, phase.rows - firstRow) * phase.columns;
        const taps = phase.taps;
        const positions = phase.positionTable;
        for (let block = firstBlock; block < endBlock; block++) {
          const output = block << 3;
          const valid = min<u32>(8, outputs - output);
          const target = y + planeOut * (imageGroup * outputs + output) + phase.resultStep * firstRow;
          const panels8 = panels + phase.panels + (((group * blocks + block) * taps) << 5);
          let bias0 = f32x4.splat(0);
          let bias1 = bias0;
          if (bias) {
            const at = bias + ((<usize>(group * outputs + output)) << 2);
            bias0 = v128.load(at);
            bias1 = v128.load(at, 16); // may read behind the last bias; such channels are not stored
          }
          let firstTap: u32 = 0;
          do {
            const endTap = min(taps, firstTap + plan.slice);
            const panel = panels8 + ((<usize>firstTap) << 5);
            const tapFirst = phase.tapTable + ((<usize>firstTap) << 2);
            const tapEnd = phase.tapTable + ((<usize>endTap) << 2);
            let pixel = phase.pixelTable;
            let sum = sums;
            for (let p: u32 = 0; p < pixels; p += 4, pixel += 16, sum += 128) {
              const x0 = source + load<usize>(pixel);
              const x1 = source + load<usize>(pixel, 4);
              const x2 = source + load<usize>(pixel, 8);
              const x3 = source + load<usize>(pixel, 12);
              let c00 = bias0;
              let c01 = bias1;
              let c10 = bias0;
              let c11 = bias1;
              let c20 = bias0;
              let c21 = bias1;
              let c30 = bias0;
              let c31 = bias1;
              if (firstTap) {
                c00 = v128.load(sum);
                c01 = v128.load(sum, 16);
                c10 = v128.load(sum, 32);
                c11 = v128.load(sum, 48);
                c20 = v128.load(sum, 64);
                c21 = v128.load(sum, 80);
                c30 = v128.load(sum, 96);
                c31 = v128.load(sum, 112);
              }
              if (taps) {
                let w = panel;
                let tap = tapFirst;
                while (true) {
                  {
                    const at = load<usize>(tap);
                    const a0 = v128.load32_splat(x0 + at);
                    const a1 = v128.load32_splat(x1 + at);
                    const a2 = v128.load32_splat(x2 + at);
                    const a3 = v128.load32_splat(x3 + at);
                    const w0 = v128.load(w);
                    const w1 = v128.load(w, 16);
                    c00 = madd(a0, w0, c00);
                    c10 = madd(a1, w0, c10);
                    c20 = madd(a2, w0, c20);
                    c30 = madd(a3, w0, c30);
                    c01 = madd(a0, w1, c01);
                    c11 = madd(a1, w1, c11);
                    c21 = madd(a2, w1, c21);
                    c31 = madd(a3, w1, c31);
                  }
                  w += 32;
                  tap += 4;
                  if (tap == tapEnd) break;
                  {
                    const at = load<usize>(tap);
                    const a0 = v128.load32_splat(x0 + at);
                    const a1 = v128.load32_splat(x1 + at);
                    const a2 = v128.load32_splat(x2 + at);
                    const a3 = v128.load32_splat(x3 + at);
                    const w0 = v128.load(w);
                    const w1 = v128.load(w, 16);
                    c00 = madd(a0, w0, c00);
                    c10 = madd(a1, w0, c10);
                    c20 = madd(a2, w0, c20);
                    c30 = madd(a3, w0, c30);
                    c01 = madd(a0, w1, c01);
                    c11 = madd(a1, w1, c11);
                    c21 = madd(a2, w1, c21);
                    c31 = madd(a3, w1, c31);
                  }
                  w += 32;
                  tap += 4;
                  if (tap == tapEnd) break;
                }
              }
              if (endTap < taps) {
                v128.store(sum, c00);
                v128.store(sum, c01, 16);
                v128.store(sum, c10, 32);
                v128.store(sum, c11, 48);
                v128.store(sum, c20, 64);
                v128.store(sum, c21, 80);
                v128.store(sum, c30, 96);
                v128.store(sum, c31, 112);
                continue;
              }
              if (rectify) {
                const zero = f32x4.splat(0);
                c00 = f32x4.pmax(c00, zero);
                c10 = f32x4.pmax(c10, zero);
                c20 = f32x4.pmax(c20, zero);
                c30 = f32x4.pmax(c30, zero);
                c01 = f32x4.pmax(c01, zero);
                c11 = f32x4.pmax(c11, zero);
                c21 = f32x4.pmax(c21, zero);
                c31 = f32x4.pmax(c31, zero);
              }
              const full = p + 4 <= pixels && valid == 8;
              if (full && positions == 0) {
                const at = target + ((<usize>p) << 2);
                storeFour(at, planeOut, c00, c10, c20, c30);
                storeFour(at + (planeOut << 2), planeOut, c01, c11, c21, c31);
              } else {
                // Transposed into the scratch tile, [8][4]; from there only what exists is copied.
                storeFour(scratch, 16, c00, c10, c20, c30);
                storeFour(scratch + 64, 16, c01, c11, c21, c31);
                copyTile(scratch, target, planeOut, valid, min<u32>(4, pixels - p), p, positions);
              }
            }
            firstTap = endTap;
          } while (firstTap < taps);
        }
      }
    }
  }
}

/** Four pixels of four channels, turned around and stored as four vectors, `step` bytes from one to the next. */
// @ts-ignore: decorator
@inline
function storeFour(at: usize, step: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  v128.store(at, i32x4.shuffle(low01, low23, 0, 1, 4, 5));
  v128.store(at + step, i32x4.shuffle(low01, low23, 2, 3, 6, 7));
  const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(at + step * 2, i32x4.shuffle(high01, high23, 0, 1, 4, 5));
  v128.store(at + step * 3, i32x4.shuffle(high01, high23, 2, 3, 6, 7));
}

/** The valid part of a tile [8][4] into the result's planes, at pixel `p` or where the table says. */
function copyTile(tile: usize, target: usize, plane: usize, channels: u32, pixels: u32, p: u32, positions: usize): void {
  for (let i: u32 = 0; i < pixels; i++) {
    const place = (<usize>(p + i)) << 2;
    let at = target + (positions ? load<usize>(positions + place) : place);
    let from = tile + ((<usize>i) << 2);
    for (let j: u32 = 0; j < channels; j++, at += plane, from += 16) f32.store(at, f32.load(from));
  }
}
