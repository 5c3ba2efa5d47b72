/**
 * Max pooling of windows of 2 × 2 with stride 2, over planes of H × W, where Q = ⌊W / 2⌋ is at least 4:
 *
 *   y[p, q] = max(a, b, c, d)      row   a b a b a b a b      shuffles bring the four a, b, c and d each into a vector; the last step
 *                                  below c d c d c d c d      of a row overlaps the one before it, since a window may be done twice
 *
 * `index` gets the number of the one that won: the first of equal maxima, but the last NaN if there is one. Work is cut by planes.
 *
 * The kernels take in a relu in front of the pool: what is below `floor` counts as `floor`, which is 0 then and else −∞. `index` is
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
