/**
 * Average pooling over planes of H × W, each giving P × Q:
 *
 *   y[p, q] = 1/n · Σ k, l  x[p·sH + k − pH, q·sW + l − pW]
 *
 * Taps outside the plane count as 0. n is the number of taps of the window inside the padded plane (`padded`), or inside the plane
 * itself. Taps are added in reading order. Four neighbouring windows go at once where all their taps lie inside the row, so that
 * n is the same for them; windows at the borders go singly. Work is cut by planes.
 *
 * Windows of 2 × 2 with stride 2 have kernels of their own, if Q ≥ 4: eight values of two rows hold four windows, and shuffles bring equal
 * taps into one vector. The last step of a row overlaps the one before it.
 */
import { load4 } from "../how/strided";

export function avgPool2x2(x: usize, y: usize, H: u32, W: u32, from: u32, to: u32): void {
  const P = H >> 1;
  const Q = W >> 1;
  const width = (<usize>W) << 2;
  const last = ((<usize>Q) << 2) - 16;
  const quarter = f32x4.splat(0.25);
  x += <usize>from * H * width;
  y += (<usize>from * P * Q) << 2;
  for (let plane = from; plane < to; plane++, x += <usize>H * width) {
    for (let p: u32 = 0, row = x; p < P; p++, row += width << 1, y += last + 16) {
      for (let at: usize = 0; ; at = min(at + 16, last)) {
        const low = v128.load(row + (at << 1));
        const high = v128.load(row + (at << 1), 16);
        const lowBelow = v128.load(row + width + (at << 1));
        const highBelow = v128.load(row + width + (at << 1), 16);
        let sum = f32x4.add(v128.shuffle<f32>(low, high, 0, 2, 4, 6), v128.shuffle<f32>(low, high, 1, 3, 5, 7));
        sum = f32x4.add(sum, v128.shuffle<f32>(lowBelow, highBelow, 0, 2, 4, 6));
        sum = f32x4.add(sum, v128.shuffle<f32>(lowBelow, highBelow, 1, 3, 5, 7));
        v128.store(y + at, f32x4.mul(sum, quarter));
        if (at == last) break;
      }
    }
  }
}

/** dx: a quarter of each window's gradient to each of its taps, zero to an odd last row and column. */
export function avgPool2x2GradInput(dy: usize, dx: usize, H: u32, W: u32, from: u32, to: u32): void {
  const P = H >> 1;
  const Q = W >> 1;
  const width = (<usize>W) << 2;
  const last = ((<usize>Q) << 2) - 16;
  const quarter = f32x4.splat(0.25);
  dx += <usize>from * H * width;
  dy += (<usize>from * P * Q) << 2;
  for (let plane = from; plane < to; plane++) {
    for (let p: u32 = 0, row = dx; p < P; p++, row += width << 1, dy += last + 16) {
      const below = row + width;
      for (let at: usize = 0; ; at = min(at + 16, last)) {
        const share = f32x4.mul(v128.load(dy + at), quarter);
        const low = v128.shuffle<f32>(share, share, 0, 0, 1, 1);
        const high = v128.shuffle<f32>(share, share, 2, 2, 3, 3);
        v128.store(row + (at << 1), low);
        v128.store(row + (at << 1), high, 16);
        v128.store(below + (at << 1), low);
        v128.store(below + (at << 1), high, 16);
        if (at == last) break;
      }
      if (W & 1) {
        store<f32>(row + width - 4, 0);
        store<f32>(below + width - 4, 0);
      }
    }
    dx += <usize>H * width;
    if (H & 1) memory.fill(dx - width, 0, width);
  }
}

export function avgPool2d(
  x: usize,
  y: usize,
  H: i32,
  W: i32,
  P: i32,
  Q: i32,
  kH: i32,
  kW: i32,
  sH: i32,
  sW: i32,
  pH: i32,
  pW: i32,
  padded: u32,
  from: u32,
  to: u32,
): void {
  const plane = (<usize>(H * W)) << 2;
  x += <usize>from * plane;
  y += (<usize>from * P * Q) << 2;
  const left = min((pW + sW - 1) / sW, Q);
  const reach = W - kW + pW;
  const right = reach < 0 ? 0 : min(reach / sW + 1, Q);
  for (let n = from; n < to; n++, x += plane) {
    for (let p = 0; p < P; p++, y += (<usize>Q) << 2) {
      const h = p * sH - pH;
      const top = max(h, 0);
      const rows = min(h + kH, H) - top;
      const high = padded ? min(h + kH, H + pH) - h : rows;
      const row = x + ((<usize>(top * W)) << 2);
      const vectors = right - left >= 4;
      for (let q = 0; q < Q; q++) {
        if (vectors && q == left) q = right;
        if (q >= Q) break;
        const w = q * sW - pW;
        const first = max(w, 0);
        const columns = min(w + kW, W) - first;
        const wide = padded ? min(w + kW, W + pW) - w : columns;
        const sum = windowSum(row + ((<usize>first) << 2), W, rows, columns);
        store<f32>(y + ((<usize>q) << 2), sum / <f32>(high * wide));
      }
      if (!vectors) continue;
      const place = row - ((<isize>pW) << 2);
      const taps = f32x4.splat(<f32>(high * kW));
      if (sW == 1) windows<i8>(place, y, left, right, W, rows, kW, sW, taps);
      else if (sW == 2) windows<i16>(place, y, left, right, W, rows, kW, sW, taps);
      else windows<i32>(place, y, left, right, W, rows, kW, sW, taps);
    }
  }
}

// @ts-ignore: decorator
@inline
function windowSum(row: usize, W: i32, rows: i32, columns: i32): f32 {
  let sum: f32 = 0;
  for (let k = rows; k > 0; k--, row += (<usize>W) << 2) {
    for (let l: i32 = 0; l < columns; l++) sum += load<f32>(row + ((<usize>l) << 2));
  }
  return sum;
}

/** The windows [left, right) of a row, four at a time; the last four overlap. `row` is where window 0 begins. */
function windows<Step>(
  row: usize,
  y: usize,
  left: i32,
  right: i32,
  W: i32,
  rows: i32,
  kW: i32,
  sW: i32,
  taps: v128,
): void {
  const down = (<usize>W) << 2;
  const stride = (<usize>sW) << 2;
  for (let q = left; ; q = min(q + 4, right - 4)) {
    let line = row + <usize>q * stride;
    let sum = f32x4.splat(0);
    for (let k = rows; k > 0; k--, line += down) {
      let place = line;
      for (let l = kW; l > 0; l--, place += 4) sum = f32x4.add(sum, load4<Step>(place, stride));
    }
    v128.store(y + ((<usize>q) << 2), f32x4.div(sum, taps));
    if (q == right - 4) break;
  }
}

/** dx = Σ over the windows that see a place of dy / n, in the order of the windows. */
export function avgPool2dGradInput(
  dy: usize,
  dx: usize,
  H: i32,
  W: i32,
  P: i32,
  Q: i32,
  kH: i32,
  kW: i32,
  sH: i32,
  sW: i32,
  pH: i32,
  pW: i32,
  padded: u32,
  from: u32,
  to: u32,
): void {
  const plane = (<usize>(H * W)) << 2;
  dx += <usize>from * plane;
  dy += (<usize>from * P * Q) << 2;
  for (let n = from; n < to; n++, dx += plane) {
    memory.fill(dx, 0, plane);
    for (let p = 0; p < P; p++) {
      const h = p * sH - pH;
      const top = max(h, 0);
      const rows = min(h + kH, H) - top;
      const high = padded ? min(h + kH, H + pH) - h : rows;
      for (let q = 0; q < Q; q++, dy += 4) {
        const w = q * sW - pW;
        const first = max(w, 0);
        const columns = min(w + kW, W) - first;
        const wide = padded ? min(w + kW, W + pW) - w : columns;
        const grad = load<f32>(dy) / <f32>(high * wide);
        let row = dx + ((<usize>(top * W + first)) << 2);
        for (let k = rows; k > 0; k--, row += (<usize>W) << 2) {
          for (let l: i32 = 0; l < columns; l++) {
            const place = row + ((<usize>l) << 2);
            store<f32>(place, load<f32>(place) + grad);
          }
        }
      }
    }
  }
}
