import { load4 } from "./strided";

/**
 * Max pooling over planes of H × W, each giving P × Q:
 *
 *   y[p, q] = max over k, l of x[p·sH + k·dH − pH, q·sW + l·dW − pW]
 *
 * Taps outside the plane take no part. `index` gets the tap that won, k·kW + l: the first of equal maxima, but the last NaN if
 * there is one. It is a byte where a window has at most 256 taps (`wide` = 0) and an i32 beyond. Work is cut by planes.
 *
 * Two paths give the same answer: windows of 2 × 2 with stride 2, if Q ≥ 4, go four a step, from eight values of two rows
 *
 *   row   a b a b a b a b      shuffles bring the four a, b, c and d each into a vector;
 *   below c d c d c d c d      the last step of a row overlaps the one before it, since doing a window twice changes nothing
 *
 * and any other geometry goes tap by tap, four windows at once wherever all their taps lie inside the row.
 *
 * The first path takes in a relu in front of it: what is below `floor` counts as `floor`, which is 0 then and else −∞. Its `index` is
 * raised by 4 where the maximum is not above 0, so that the gradient of both is known without the maxima.
 */
export function maxPool2x2(
  x: usize,
  y: usize,
  index: usize,
  H: u32,
  W: u32,
  floor: f32,
  from: u32,
  to: u32,
): void {
  const P = H >> 1;
  const Q = W >> 1;
  const width = (<usize>W) << 2;
  x += <usize>from * H * width;
  y += (<usize>from * P * Q) << 2;
  index += <usize>from * P * Q;
  for (let plane = from; plane < to; plane++) {
    for (let p: u32 = 0, row = x; p < P; p++, row += width << 1) {
      if (poolRow(row, row + width, y, index, Q, floor)) {
        for (let q: usize = 0; q < Q; q++) pool1(row + (q << 3), row + width + (q << 3), y + (q << 2), index + q, floor);
      }
      y += (<usize>Q) << 2;
      index += Q;
    }
    x += <usize>H * width;
  }
}

/** One row of windows. Says whether its sum is NaN (∞ − ∞, too, makes one): NaN is rare, and its row goes window by window. */
// @ts-ignore: decorator
@inline
function poolRow(row: usize, below: usize, y: usize, index: usize, Q: u32, floor: f32): bool {
  const least = f32x4.splat(floor);
  const lastY = y + ((<usize>Q) << 2) - 16;
  let sum = f32x4.splat(0);
  while (true) {
    const low = f32x4.pmax(v128.load(row), least);
    const high = f32x4.pmax(v128.load(row, 16), least);
    const lowBelow = f32x4.pmax(v128.load(below), least);
    const highBelow = f32x4.pmax(v128.load(below, 16), least);
    const a = v128.shuffle<f32>(low, high, 0, 2, 4, 6);
    const b = v128.shuffle<f32>(low, high, 1, 3, 5, 7);
    const c = v128.shuffle<f32>(lowBelow, highBelow, 0, 2, 4, 6);
    const d = v128.shuffle<f32>(lowBelow, highBelow, 1, 3, 5, 7);
    sum = f32x4.add(sum, f32x4.add(f32x4.add(low, high), f32x4.add(lowBelow, highBelow)));
    const bWins = f32x4.lt(a, b);
    const ab = f32x4.pmax(a, b);
    const cWins = f32x4.lt(ab, c);
    const abc = f32x4.pmax(ab, c);
    const dWins = f32x4.lt(abc, d);
    const best = f32x4.pmax(abc, d);
    v128.store(y, best);
    // −1 for a winner: tap 1 is −1·−1, tap 2 twice that; a later winner overrules an earlier one.
    const cOrD = v128.or(cWins, dWins);
    const tap = i32x4.sub(v128.andnot(v128.and(bWins, i32x4.splat(1)), cOrD), i32x4.add(i32x4.add(cOrD, cOrD), dWins));
    const marked = v128.or(tap, v128.and(i32x4.splat(4), f32x4.le(best, f32x4.splat(0))));
    const halves = i16x8.narrow_i32x4_u(marked, marked);
    v128.store32_lane(index, i8x16.narrow_i16x8_u(halves, halves), 0);
    if (y == lastY) break;
    y += 16;
    row += 32;
    below += 32;
    index += 4;
    if (y > lastY) {
      // What is left is less than a vector: the last four windows, some of them for the second time.
      const back = y - lastY;
      y = lastY;
      row -= back << 1;
      below -= back << 1;
      index -= back >> 2;
    }
  }
  return v128.any_true(f32x4.ne(sum, sum));
}

function pool1(row: usize, below: usize, y: usize, index: usize, floor: f32): void {
  let best = atLeast(load<f32>(row), floor);
  let tap: u32 = 0;
  const b = atLeast(load<f32>(row, 4), floor);
  if (b > best || b != b) (best = b), (tap = 1);
  const c = atLeast(load<f32>(below), floor);
  if (c > best || c != c) (best = c), (tap = 2);
  const d = atLeast(load<f32>(below, 4), floor);
  if (d > best || d != d) (best = d), (tap = 3);
  store<f32>(y, best);
  store<u8>(index, best <= 0 ? tap + 4 : tap);
}

/** As `f32x4.pmax`: NaN and −0 stay. */
// @ts-ignore: decorator
@inline
function atLeast(x: f32, floor: f32): f32 {
  return x < floor ? floor : x;
}

/**
 * dx: each window's gradient at the tap that won, zero elsewhere and in the odd last row and column; with `onlyPositive` it is zero,
 * too, where the maximum is not above 0, as a relu in front of the pool would have it.
 */
export function maxPool2x2GradInput(
  index: usize,
  dy: usize,
  dx: usize,
  H: u32,
  W: u32,
  onlyPositive: u32,
  from: u32,
  to: u32,
): void {
  const bits = i32x4.splat(onlyPositive ? 7 : 3);
  const P = H >> 1;
  const Q = W >> 1;
  const width = (<usize>W) << 2;
  dx += <usize>from * H * width;
  dy += (<usize>from * P * Q) << 2;
  index += <usize>from * P * Q;
  for (let plane = from; plane < to; plane++) {
    for (let p: u32 = 0, row = dx; p < P; p++, row += width << 1) {
      const below = row + width;
      const last = Q - 4;
      let q: u32 = 0;
      while (true) {
        spread4(dy + ((<usize>q) << 2), index + q, row + ((<usize>q) << 3), below + ((<usize>q) << 3), bits);
        if (q == last) break;
        q = min(q + 4, last);
      }
      if (W & 1) {
        store<f32>(row + width - 4, 0);
        store<f32>(below + width - 4, 0);
      }
      dy += (<usize>Q) << 2;
      index += Q;
    }
    dx += <usize>H * width;
    if (H & 1) memory.fill(dx - width, 0, width);
  }
}

// @ts-ignore: decorator
@inline
function spread4(dy: usize, index: usize, row: usize, below: usize, bits: v128): void {
  const grad = v128.load(dy);
  const tap = v128.and(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(index))), bits);
  const a = v128.and(grad, i32x4.eq(tap, i32x4.splat(0)));
  const b = v128.and(grad, i32x4.eq(tap, i32x4.splat(1)));
  const c = v128.and(grad, i32x4.eq(tap, i32x4.splat(2)));
  const d = v128.and(grad, i32x4.eq(tap, i32x4.splat(3)));
  v128.store(row, v128.shuffle<f32>(a, b, 0, 4, 1, 5));
  v128.store(row, v128.shuffle<f32>(a, b, 2, 6, 3, 7), 16);
  v128.store(below, v128.shuffle<f32>(c, d, 0, 4, 1, 5));
  v128.store(below, v128.shuffle<f32>(c, d, 2, 6, 3, 7), 16);
}

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
