import { Phase, Plan, phaseAt, stripOf } from "./how/conv2dPlan";
import { scatter } from "./how/conv2dScatter";
import { madd, storeLanes } from "../how/simd";

/**
 * Convolution without a matrix of patches: y[o, p] = b[o] + Σ k  copy[tap[k] + p] · w[o, k], where a table says how far tap
 * k = (channel, row, column) lies from the first of the pixels p in a copy of the image (conv2dPlan.ts). Any kernel, stride,
 * padding and dilation is a matter of the copy and the table; the loops below do not know them.
 *
 *   tile   16 pixels × 2 output channels in 8 accumulators: a step loads 4 vectors of pixels from one place, splats 2 weights
 *          (panel [taps][2]) and does 8 multiply–adds. What is left of the pixels goes 4 × 8. Of the 24 instructions that Zen 3 takes
 *          in while it does 16 operations, 22 are these: 7 of 10 of the peak are reached. A tile of 4 pixels × 8 channels for all
 *          loads as much, but adds up four addresses in a step: it took up to a sixth more time (Node 20; Node 24: as much to a tenth more)
 *   order  image and group → strip of rows (copied) → phase → slice of taps → 16 pixels → 2 output channels → taps
 *   caches what a tile reads of a slice stays in the first level while all channels pass by; a slice's weights come from the second.
 *          Between two slices a tile's sums wait where the result will be
 *
 * `if (at == 0) break` never breaks, nor do the tests of `tap` against small numbers: nothing lies there. They end basic blocks, for V8
 * puts all loads of a block before its arithmetic, and those of two steps do not fit into its fifteen registers. Each test differs from
 * those before it, or V8 would drop it.
 *
 * A unit is 8 output channels of one image and group, in the order (image, group, block). Neither the cut into units nor strips nor
 * slices change a bit: every element is its bias and then its taps, summed in their order.
 *
 * `x` [images · groups][channels][height][width], `panels` see conv2dPanels, `bias` [groups · outputs] or 0, `y` [images ·
 * groups][outputs][outputPlane]. Scratch: 128 bytes, the copy, then the strip's result,
 * [phases][outputs][stripRows][pitch], if there are several phases.
 */
export function conv2d(
  planAt: usize,
  x: usize,
  panels: usize,
  bias: usize,
  y: usize,
  scratch: usize,
  from: u32,
  to: u32,
): void {
  const plan = changetype<Plan>(planAt);
  const outputs = plan.outputs;
  const groups = plan.groups;
  const blocks = (outputs + 7) >> 3;
  const pairs = (outputs + 1) >> 1;
  const planeOut = (<usize>plan.outputPlane) << 2;
  const sourceBytes = (<usize>(plan.channels * plan.height * plan.width)) << 2;
  const pitch = plan.pitch;
  const phases = plan.phases;
  const copy = scratch + 128;
  const parts = copy + plan.copyBytes;
  const partPlane = (<usize>(plan.stripRows * pitch)) << 2;

  while (from < to) {
    const imageGroup = from / blocks;
    const group = imageGroup % groups;
    const firstBlock = from % blocks;
    const endBlock = min<u32>(blocks, firstBlock + to - from);
    from += endBlock - firstBlock;
    const first = firstBlock << 3;
    const end = min<u32>(outputs, endBlock << 3);
    const image = x + sourceBytes * imageGroup;
    const result = y + planeOut * (imageGroup * outputs);
    const offset = bias ? bias + ((<usize>(group * outputs)) << 2) : 0;
    for (let strip: u32 = 0; strip < plan.strips; strip++) {
      const source = stripOf(plan, image, copy, strip);
      const firstRow = strip * plan.stripRows;
      for (let index: u32 = 0; index < phases; index++) {
        const phase = phaseAt(planAt, index);
        if (phase.rows <= firstRow || phase.columns == 0) continue;
        const pixels = min(plan.stripRows, phase.rows - firstRow) * pitch;
        const weights = panels + phase.panels + ((group * pairs * phase.taps) << 3);
        const part = parts + partPlane * (index * outputs);
        const target = phases == 1 ? result + ((<usize>(firstRow * pitch)) << 2) : part;
        const plane = phases == 1 ? planeOut : partPlane;
        let firstTap: u32 = 0;
        do {
          const endTap = min(phase.taps, firstTap + plan.slice);
          const begins = firstTap == 0;
          wideTiles(source, phase, firstTap, endTap, weights, offset, begins, target, plane, pixels & ~15, first, end, scratch);
          restTiles(source, phase, firstTap, endTap, weights, offset, begins, target, plane, pixels, first, end, scratch);
          firstTap = endTap;
        } while (firstTap < phase.taps);
      }
      if (phases > 1) scatter(planAt, parts, partPlane, result, firstRow, first, end);
    }
  }
}

/** Tiles of 16 pixels × 2 channels, for the taps [firstTap, endTap). The sums begin with the bias, or with what an earlier slice left. */
function wideTiles(
  source: usize, phase: Phase, firstTap: u32, endTap: u32, panels: usize, bias: usize, begins: bool,
  target: usize, plane: usize, pixels: u32, first: u32, end: u32, aside: usize,
): void {
  const taps = phase.taps;
  const tapFirst = phase.tapTable + ((<usize>firstTap) << 2);
  const tapEnd = phase.tapTable + ((<usize>endTap) << 2);
  // The loop does four taps at a time; what is left over comes before.
  const tapFours = tapFirst + ((<usize>((endTap - firstTap) & 3)) << 2);
  const firstPanel = panels + ((<usize>((first >> 1) * taps + firstTap)) << 3);
  const toPanel = (<usize>(taps - (endTap - firstTap))) << 3;
  const firstBias = bias ? bias + ((<usize>first) << 2) : 0;
  let firstPlace = target + plane * first;
  for (let p: u32 = 0; p < pixels; p += 16, source += 64, firstPlace += 64) {
    const x = source;
    let w = firstPanel, b = firstBias, y0 = firstPlace;
    for (let o = first; o < end; o += 2, w += toPanel, y0 += plane + plane) {
      const y1 = o + 1 < end ? y0 + plane : aside;
      let c00 = f32x4.splat(0), c01 = c00, c02 = c00, c03 = c00, c10 = c00, c11 = c00, c12 = c00, c13 = c00;
      if (!begins) {
        c00 = v128.load(y0); c01 = v128.load(y0, 16); c02 = v128.load(y0, 32); c03 = v128.load(y0, 48);
        c10 = v128.load(y1); c11 = v128.load(y1, 16); c12 = v128.load(y1, 32); c13 = v128.load(y1, 48);
      } else if (bias) {
        c00 = v128.load32_splat(b); c01 = c00; c02 = c00; c03 = c00;
        c10 = v128.load32_splat(b, 4); c11 = c10; c12 = c10; c13 = c10; // behind the last bias too; such a channel is set aside
        b += 8;
      }
      let tap = tapFirst;
      for (; tap != tapFours; tap += 4, w += 8) {
        const at = x + load<usize>(tap);
        const w0 = v128.load32_splat(w), w1 = v128.load32_splat(w, 4);
        const x0 = v128.load(at), x1 = v128.load(at, 16);
        c00 = madd(x0, w0, c00); c10 = madd(x0, w1, c10); c01 = madd(x1, w0, c01); c11 = madd(x1, w1, c11);
        if (at == 0) break;
        const x2 = v128.load(at, 32), x3 = v128.load(at, 48);
        c02 = madd(x2, w0, c02); c12 = madd(x2, w1, c12); c03 = madd(x3, w0, c03); c13 = madd(x3, w1, c13);
      }
      if (tap != tapEnd) {
        while (true) {
            {
              const at = x + load<usize>(tap);
              const w0 = v128.load32_splat(w), w1 = v128.load32_splat(w, 4);
              const x0 = v128.load(at), x1 = v128.load(at, 16);
              c00 = madd(x0, w0, c00); c10 = madd(x0, w1, c10); c01 = madd(x1, w0, c01); c11 = madd(x1, w1, c11);
              if (at == 0) break;
              const x2 = v128.load(at, 32), x3 = v128.load(at, 48);
              c02 = madd(x2, w0, c02); c12 = madd(x2, w1, c12); c03 = madd(x3, w0, c03); c13 = madd(x3, w1, c13);
            }
            if (tap == 0) break;
            {
              const at = x + load<usize>(tap, 4);
              const w0 = v128.load32_splat(w, 8), w1 = v128.load32_splat(w, 12);
              const x0 = v128.load(at), x1 = v128.load(at, 16);
              c00 = madd(x0, w0, c00); c10 = madd(x0, w1, c10); c01 = madd(x1, w0, c01); c11 = madd(x1, w1, c11);
              if (at == 0) break;
              const x2 = v128.load(at, 32), x3 = v128.load(at, 48);
              c02 = madd(x2, w0, c02); c12 = madd(x2, w1, c12); c03 = madd(x3, w0, c03); c13 = madd(x3, w1, c13);
            }
            if (tap == 4) break;
            {
              const at = x + load<usize>(tap, 8);
              const w0 = v128.load32_splat(w, 16), w1 = v128.load32_splat(w, 20);
              const x0 = v128.load(at), x1 = v128.load(at, 16);
              c00 = madd(x0, w0, c00); c10 = madd(x0, w1, c10); c01 = madd(x1, w0, c01); c11 = madd(x1, w1, c11);
              if (at == 0) break;
              const x2 = v128.load(at, 32), x3 = v128.load(at, 48);
              c02 = madd(x2, w0, c02); c12 = madd(x2, w1, c12); c03 = madd(x3, w0, c03); c13 = madd(x3, w1, c13);
            }
            if (tap == 8) break;
            {
              const at = x + load<usize>(tap, 12);
              const w0 = v128.load32_splat(w, 24), w1 = v128.load32_splat(w, 28);
              const x0 = v128.load(at), x1 = v128.load(at, 16);
              c00 = madd(x0, w0, c00); c10 = madd(x0, w1, c10); c01 = madd(x1, w0, c01); c11 = madd(x1, w1, c11);
              if (at == 0) break;
              const x2 = v128.load(at, 32), x3 = v128.load(at, 48);
              c02 = madd(x2, w0, c02); c12 = madd(x2, w1, c12); c03 = madd(x3, w0, c03); c13 = madd(x3, w1, c13);
            }
            tap += 16; w += 32;
            if (tap == tapEnd) break;
        }
      }
      v128.store(y0, c00); v128.store(y0, c01, 16); v128.store(y0, c02, 32); v128.store(y0, c03, 48);
      v128.store(y1, c10); v128.store(y1, c11, 16); v128.store(y1, c12, 32); v128.store(y1, c13, 48);
    }
  }
}

/** The pixels behind the last 16, in tiles of 4 × 8 channels, which are begun and finished in `tile`. */
function restTiles(
  source: usize, phase: Phase, firstTap: u32, endTap: u32, panels: usize, bias: usize, begins: bool,
  target: usize, plane: usize, pixels: u32, first: u32, end: u32, tile: usize,
): void {
  const tapFirst = phase.tapTable + ((<usize>firstTap) << 2);
  const tapEnd = phase.tapTable + ((<usize>endTap) << 2);
  const panel = (<usize>phase.taps) << 3;
  for (let p = pixels & ~15; p < pixels; p += 4) {
    const x = source + ((<usize>p) << 2);
    for (let o = first; o < end; o += 8) {
      const y = target + plane * o + ((<usize>p) << 2);
      const valid = min<u32>(8, end - o);
      for (let i: u32 = 0; i < valid; i++) {
        const place = tile + ((<usize>i) << 4);
        if (!begins) v128.store(place, v128.load(y + plane * i));
        else v128.store(place, bias ? v128.load32_splat(bias + ((<usize>(o + i)) << 2)) : f32x4.splat(0));
      }
      // A pair that does not exist is computed from the first one's weights, and dropped.
      let w0 = panels + panel * (o >> 1) + ((<usize>firstTap) << 3);
      let w1 = valid > 2 ? w0 + panel : w0, w2 = valid > 4 ? w1 + panel : w0, w3 = valid > 6 ? w2 + panel : w0;
      let c0 = v128.load(tile), c1 = v128.load(tile, 16), c2 = v128.load(tile, 32), c3 = v128.load(tile, 48);
      let c4 = v128.load(tile, 64), c5 = v128.load(tile, 80), c6 = v128.load(tile, 96), c7 = v128.load(tile, 112);
      let tap = tapFirst;
      if (tap != tapEnd) {
        while (true) {
          {
            const xs = v128.load(x + load<usize>(tap));
            c0 = madd(xs, v128.load32_splat(w0), c0); c1 = madd(xs, v128.load32_splat(w0, 4), c1);
            c2 = madd(xs, v128.load32_splat(w1), c2); c3 = madd(xs, v128.load32_splat(w1, 4), c3);
            if (tap == 0) break;
            c4 = madd(xs, v128.load32_splat(w2), c4); c5 = madd(xs, v128.load32_splat(w2, 4), c5);
            c6 = madd(xs, v128.load32_splat(w3), c6); c7 = madd(xs, v128.load32_splat(w3, 4), c7);
          }
          w0 += 8; w1 += 8; w2 += 8; w3 += 8; tap += 4;
          if (tap == tapEnd) break;
          {
            const xs = v128.load(x + load<usize>(tap));
            c0 = madd(xs, v128.load32_splat(w0), c0); c1 = madd(xs, v128.load32_splat(w0, 4), c1);
            c2 = madd(xs, v128.load32_splat(w1), c2); c3 = madd(xs, v128.load32_splat(w1, 4), c3);
            if (tap == 0) break;
            c4 = madd(xs, v128.load32_splat(w2), c4); c5 = madd(xs, v128.load32_splat(w2, 4), c5);
            c6 = madd(xs, v128.load32_splat(w3), c6); c7 = madd(xs, v128.load32_splat(w3, 4), c7);
          }
          w0 += 8; w1 += 8; w2 += 8; w3 += 8; tap += 4;
          if (tap == tapEnd) break;
        }
      }
      v128.store(tile, c0); v128.store(tile, c1, 16); v128.store(tile, c2, 32); v128.store(tile, c3, 48);
      v128.store(tile, c4, 64); v128.store(tile, c5, 80); v128.store(tile, c6, 96); v128.store(tile, c7, 112);
      for (let i: u32 = 0; i < valid; i++) {
        storeLanes(y + plane * i, v128.load(tile + ((<usize>i) << 4)), pixels - p);
      }
    }
  }
}
