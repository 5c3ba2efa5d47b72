import { load4 } from "../how/strided";

/**
 * Max pooling over planes of H × W, each giving P × Q:
 *
 *   y[p, q] = max over k, l of x[p·sH + k·dH − pH, q·sW + l·dW − pW]
 *
 * Taps outside the plane take no part. `index` gets the tap that won, k·kW + l: the first of equal maxima, but the last NaN if
 * there is one. It is a byte where a window has at most 256 taps (`wide` = 0) and an i32 beyond. Work is cut by planes.
 *
 * Windows go tap by tap, four at once wherever all their taps lie inside the row. The common 2 × 2 window with stride 2 has kernels of
 * its own (`maxPool2x2.ts`).
 */
export function maxPool2d(
  x: usize,
  y: usize,
  index: usize,
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
  dH: i32,
  dW: i32,
  wide: u32,
  from: u32,
  to: u32,
): void {
  const plane = (<usize>(H * W)) << 2;
  x += <usize>from * plane;
  // Windows q in [left, right) have all their taps inside the row.
  const left = min((pW + sW - 1) / sW, Q);
  const reach = W - 1 - (kW - 1) * dW + pW;
  const right = reach < 0 ? 0 : min(reach / sW + 1, Q);
  let at = <usize>from * P * Q;
  for (let n = from; n < to; n++, x += plane) {
    for (let p = 0; p < P; p++, at += Q) {
      const h = p * sH - pH;
      const kFrom = h < 0 ? (dH - 1 - h) / dH : 0;
      const kTo = min(kH, (H - h + dH - 1) / dH);
      const row = x + ((<isize>(h + kFrom * dH) * W) << 2);
      const vectors = right - left >= 4 && kFrom < kTo;
      for (let q = 0; q < Q; q++) {
        if (vectors && q == left) q = right;
        if (q >= Q) break;
        const w = q * sW - pW;
        const lFrom = w < 0 ? (dW - 1 - w) / dW : 0;
        const lTo = min(kW, (W - w + dW - 1) / dW);
        window1(row + ((<isize>w) << 2), y, index, at + q, W, kFrom, kTo, lFrom, lTo, kW, dH, dW, wide);
      }
      if (!vectors) continue;
      const place = row - ((<isize>pW) << 2);
      if (sW == 1) windows<i8>(place, y, index, at, left, right, W, kFrom, kTo, kW, sW, dH, dW, wide);
      else if (sW == 2) windows<i16>(place, y, index, at, left, right, W, kFrom, kTo, kW, sW, dH, dW, wide);
      else windows<i32>(place, y, index, at, left, right, W, kFrom, kTo, kW, sW, dH, dW, wide);
    }
  }
}

/**
 * The windows [left, right) of a row, four at a time; the last four overlap. Where a NaN is, which a sum betrays, they go singly. `row` is where tap [kFrom, 0] of window 0 lies.
 * `Step` stands for the stride, which decides how four values come into a vector: i8 for 1, i16 for 2, i32 for any.
 */
function windows<Step>(
  row: usize,
  y: usize,
  index: usize,
  at: usize,
  left: i32,
  right: i32,
  W: i32,
  kFrom: i32,
  kTo: i32,
  kW: i32,
  sW: i32,
  dH: i32,
  dW: i32,
  wide: u32,
): void {
  const down = (<usize>(dH * W)) << 2;
  const across = (<usize>dW) << 2;
  const stride = (<usize>sW) << 2;
  const one = i32x4.splat(1);
  for (let q = left; ; q = min(q + 4, right - 4)) {
    let line = row + <usize>q * stride;
    let best = load4<Step>(line, stride);
    let sum = f32x4.splat(0);
    let tap = i32x4.splat(kFrom * kW);
    let taps = tap;
    for (let k = kFrom; k < kTo; k++, line += down) {
      let place = line;
      for (let l = kW; l > 0; l--, place += across) {
        const value = load4<Step>(place, stride);
        sum = f32x4.add(sum, value);
        taps = i32x4.max_s(taps, v128.and(tap, f32x4.lt(best, value)));
        best = f32x4.pmax(best, value);
        tap = i32x4.add(tap, one);
      }
    }
    if (v128.any_true(f32x4.ne(sum, sum))) {
      for (let lane = 0; lane < 4; lane++) {
        const first = row + (<usize>(q + lane)) * stride;
        window1(first, y, index, at + q + lane, W, kFrom, kTo, 0, kW, kW, dH, dW, wide);
      }
      if (q == right - 4) break;
      continue;
    }
    const target = at + q;
    v128.store(y + (target << 2), best);
    if (wide) {
      v128.store(index + (target << 2), taps);
    } else {
      const halves = i16x8.narrow_i32x4_u(taps, taps);
      v128.store32_lane(index + target, i8x16.narrow_i16x8_u(halves, halves), 0);
    }
    if (q == right - 4) break;
  }
}

/**
 * One window, of which the taps [kFrom, kTo) × [lFrom, lTo) lie inside. Without any, its maximum is −∞. It works on vectors of one
 * value, since a branch at each comparison would be mispredicted half of the time.
 */
function window1(
  row: usize,
  y: usize,
  index: usize,
  at: usize,
  W: i32,
  kFrom: i32,
  kTo: i32,
  lFrom: i32,
  lTo: i32,
  kW: i32,
  dH: i32,
  dW: i32,
  wide: u32,
): void {
  let best = f32x4.splat(-Infinity);
  let taps = i32x4.splat(0);
  if (kFrom < kTo && lFrom < lTo) {
    row += (<usize>(lFrom * dW)) << 2;
    best = v128.load32_splat(row);
    taps = i32x4.splat(kFrom * kW + lFrom);
    for (let k = kFrom; k < kTo; k++, row += (<usize>(dH * W)) << 2) {
      for (let l = lFrom, place = row; l < lTo; l++, place += (<usize>dW) << 2) {
        const value = v128.load32_splat(place);
        const wins = v128.or(f32x4.lt(best, value), f32x4.ne(value, value));
        best = v128.bitselect(value, best, wins);
        taps = v128.bitselect(i32x4.splat(k * kW + l), taps, wins);
      }
    }
  }
  v128.store32_lane(y + (at << 2), best, 0);
  if (wide) v128.store32_lane(index + (at << 2), taps, 0);
  else v128.store8_lane(index + at, taps, 0);
}

/** dx = Σ over the windows a place has won of their gradients, in the order of the windows. */
export function maxPool2dGradInput(
  index: usize,
  dy: usize,
  dx: usize,
  H: i32,
  W: i32,
  P: i32,
  Q: i32,
  kW: i32,
  sH: i32,
  sW: i32,
  pH: i32,
  pW: i32,
  dH: i32,
  dW: i32,
  wide: u32,
  from: u32,
  to: u32,
): void {
  const plane = (<usize>(H * W)) << 2;
  dx += <usize>from * plane;
  let at = <usize>from * P * Q;
  for (let n = from; n < to; n++, dx += plane) {
    memory.fill(dx, 0, plane);
    for (let p = 0; p < P; p++) {
      for (let q = 0; q < Q; q++, at++) {
        const tap = wide ? load<i32>(index + (at << 2)) : <i32>load<u8>(index + at);
        const h = p * sH - pH + (tap / kW) * dH;
        const w = q * sW - pW + (tap % kW) * dW;
        if (<u32>h >= <u32>H || <u32>w >= <u32>W) continue; // a window without a tap inside
        const place = dx + ((<usize>(h * W + w)) << 2);
        store<f32>(place, load<f32>(place) + load<f32>(dy + (at << 2)));
      }
    }
  }
}
