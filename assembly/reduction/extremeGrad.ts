/**
 * Gradients of maxima and minima: y[o, j] is the extreme of x[o, i, j] over i, and its gradient goes to where x equals it. Over one
 * axis that is the first such place, over several it is shared among all of them, as in PyTorch. An extreme that is NaN came
 * from NaN. Rows (inner = 1) are compared in vectors along i, other shapes in four columns side by side.
 */
import { firstLanes, storeLanes } from "../how/simd";

/** dx[o, i, j] = dy[o, j] at the first i where x equals the extreme y[o, j], and zero elsewhere. A unit is an outer index. */
export function firstMatchGrad(
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  axis: u32,
  inner: u32,
  from: u32,
  to: u32,
): void {
  const plane = (<usize>axis * inner) << 2;
  for (let outer = <usize>from; outer < to; outer++) {
    const place = x + outer * plane, target = dx + outer * plane, at = (outer * inner) << 2;
    if (inner == 1) firstOfRow(place, v128.load32_splat(y + at), load<f32>(dy + at), target, axis);
    else firstOfColumns(place, y + at, dy + at, target, axis, inner);
  }
}

function firstOfRow(x: usize, extreme: v128, gradient: f32, dx: usize, n: u32): void {
  memory.fill(dx, 0, (<usize>n) << 2);
  for (let i: u32 = 0; i < n; i += 4) {
    const found = i32x4.bitmask(matchesOf(v128.load(x + ((<usize>i) << 2)), extreme));
    if (found == 0) continue;
    const first = i + <u32>ctz(found);
    if (first < n) store<f32>(dx + ((<usize>first) << 2), gradient);
    return;
  }
}

/** Four columns at a time; lanes beyond the last are computed with and dropped. */
function firstOfColumns(x: usize, y: usize, dy: usize, dx: usize, axis: u32, inner: u32): void {
  const width = (<usize>inner) << 2;
  for (let j: u32 = 0; j < inner; j += 4, x += 16, y += 16, dy += 16, dx += 16) {
    const extreme = v128.load(y), gradient = v128.load(dy), end = x + <usize>axis * width;
    let found = i32x4.splat(0);
    for (let place = x, target = dx; place != end; place += width, target += width) {
      const match = matchesOf(v128.load(place), extreme);
      storeLanes(target, v128.and(gradient, v128.andnot(match, found)), inner - j);
      found = v128.or(found, match);
    }
  }
}

/** dx[o, i, j] = dy[o, j] shared evenly among all i where x equals the extreme y[o, j], and zero elsewhere. Units as above. */
export function sharedMatchGrad(
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  axis: u32,
  inner: u32,
  from: u32,
  to: u32,
): void {
  const plane = (<usize>axis * inner) << 2;
  for (let outer = <usize>from; outer < to; outer++) {
    const place = x + outer * plane, target = dx + outer * plane, at = (outer * inner) << 2;
    if (inner == 1) shareAlongRow(place, v128.load32_splat(y + at), load<f32>(dy + at), target, axis);
    else shareAlongColumns(place, y + at, dy + at, target, axis, inner);
  }
}

function shareAlongRow(x: usize, extreme: v128, gradient: f32, dx: usize, n: u32): void {
  let counts = i32x4.splat(0);
  let place = x;
  let left = n;
  for (; left >= 4; left -= 4, place += 16) counts = i32x4.sub(counts, matchesOf(v128.load(place), extreme));
  if (left > 0) counts = i32x4.sub(counts, v128.and(matchesOf(v128.load(place), extreme), firstLanes(left)));
  counts = i32x4.add(counts, v128.shuffle<i32>(counts, counts, 2, 3, 0, 1));
  counts = i32x4.add(counts, v128.shuffle<i32>(counts, counts, 1, 0, 3, 2));
  const share = f32x4.splat(gradient / <f32>(<u32>i32x4.extract_lane(counts, 0)));
  for (left = n; left >= 4; left -= 4, x += 16, dx += 16) {
    v128.store(dx, v128.and(share, matchesOf(v128.load(x), extreme)));
  }
  if (left > 0) storeLanes(dx, v128.and(share, matchesOf(v128.load(x), extreme)), left);
}

/** Four columns at a time; lanes beyond the last are computed with and dropped. */
function shareAlongColumns(x: usize, y: usize, dy: usize, dx: usize, axis: u32, inner: u32): void {
  const width = (<usize>inner) << 2;
  for (let j: u32 = 0; j < inner; j += 4, x += 16, y += 16, dy += 16, dx += 16) {
    const extreme = v128.load(y), end = x + <usize>axis * width;
    let counts = i32x4.splat(0);
    for (let place = x; place != end; place += width) counts = i32x4.sub(counts, matchesOf(v128.load(place), extreme));
    const share = f32x4.div(v128.load(dy), f32x4.convert_i32x4_u(counts));
    for (let place = x, target = dx; place != end; place += width, target += width) {
      storeLanes(target, v128.and(share, matchesOf(v128.load(place), extreme)), inner - j);
    }
  }
}

/** All ones in the lanes that are the extreme; NaN is, where the extreme is NaN. */
// @ts-ignore: decorator
@inline
function matchesOf(value: v128, extreme: v128): v128 {
  return v128.or(f32x4.eq(value, extreme), v128.and(f32x4.ne(value, value), f32x4.ne(extreme, extreme)));
}

/**
 * Over axes that do not lie together the same is done in steps, with y, dy and the counts spread to the shape of x:
 * mark[i] = x[i] equals the extreme y[i] (both NaN counts) ? 1 : 0, in whole vectors.
 */
export function matches(x: usize, y: usize, mark: usize, from: u32, to: u32): void {
  const one = f32x4.splat(1);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const value = v128.load(x + at);
    const extreme = v128.load(y + at);
    v128.store(mark + at, v128.and(matchesOf(value, extreme), one));
  }
}

/** dx[i] = mark[i] ≠ 0 ? dy[i] / count[i] : 0, in whole vectors. */
export function shareGrad(mark: usize, count: usize, dy: usize, dx: usize, from: u32, to: u32): void {
  const zero = f32x4.splat(0);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const share = f32x4.div(v128.load(dy + at), v128.load(count + at));
    v128.store(dx + at, v128.and(share, f32x4.ne(v128.load(mark + at), zero)));
  }
}
