/**
 * Reductions and their reverse. A tensor reduced over any axes is reduced by passes, each over one stretch of neighbouring axes:
 *
 *   x [outer, axis, inner]  →  y [outer, segments, inner],   segments = ⌈axis / segment⌉
 *
 * A long axis is cut into segments of a fixed length and the next pass reduces the segments' results, so that the tree of
 * additions depends on the sizes alone. Within a segment, columns (inner > 1) are added in groups of four rows,
 * (r₀ + r₁) + (r₂ + r₃); a row (inner = 1) runs through four vectors of accumulators, emptied into a total every 256
 * elements. No chain of additions is longer than about 40, which is what keeps a sum of millions exact to a few 1e-8.
 */
import { firstLanes, storeLanes } from "../how/simd";
import { sumRun } from "../how/sumRun";

/**
 * Columns that are reduced together: 4 KB of results stay in the first-level cache while the rows stream by. `sumColumns` and
 * `extremeColumns` have ⌈inner / reducedColumns⌉ units for each outer index and segment.
 */
export const reducedColumns: u32 = 1024;

// @ts-ignore: decorator
@inline
function columnBlocks(inner: u32): u32 {
  return (inner + reducedColumns - 1) / reducedColumns;
}

/** y[r, s] = Σ x[r, i] / divisor over i in segment s of the row. A unit is a segment of a row. */
export function sumRows(x: usize, y: usize, length: u32, segment: u32, divisor: f32, from: u32, to: u32): void {
  const segments = max<u32>((length + segment - 1) / segment, 1);
  for (let unit = from; unit < to; unit++) {
    const start = (unit % segments) * segment;
    const place = x + ((<usize>(unit / segments) * length + start) << 2);
    store<f32>(y + ((<usize>unit) << 2), sumRun(place, min(segment, length - start)) / divisor);
  }
}

/** y[o, s, j] = Σ x[o, i, j] / divisor over i in segment s. A unit is a block of columns of a segment of an outer index. */
export function sumColumns(
  x: usize,
  y: usize,
  axis: u32,
  inner: u32,
  segment: u32,
  divisor: f32,
  from: u32,
  to: u32,
): void {
  const blocks = columnBlocks(inner);
  const segments = max<u32>((axis + segment - 1) / segment, 1);
  const width = (<usize>inner) << 2;
  const divisors = f32x4.splat(divisor);
  for (let unit = from; unit < to; unit++) {
    const column = (unit % blocks) * reducedColumns;
    const slot = unit / blocks;
    const start = (slot % segments) * segment;
    const rows = min(segment, axis - start);
    const columns = min(reducedColumns, inner - column);
    const whole = columns & ~3;
    const place = x + ((<usize>(slot / segments) * axis + start) * inner + column << 2);
    const target = y + ((<usize>slot * inner + column) << 2);
    const end = target + ((<usize>whole) << 2);
    memory.fill(target, 0, (<usize>whole) << 2);
    let row = place;
    let n = rows;
    for (; n >= 4; n -= 4, row += width << 2) {
      let r0 = row;
      let r1 = r0 + width;
      let r2 = r1 + width;
      let r3 = r2 + width;
      for (let to = target; to < end; to += 16, r0 += 16, r1 += 16, r2 += 16, r3 += 16) {
        v128.store(to, f32x4.add(v128.load(to), sumOf4(v128.load(r0), v128.load(r1), v128.load(r2), v128.load(r3))));
      }
    }
    for (; n > 0; n--, row += width) {
      for (let to = target, r = row; to < end; to += 16, r += 16) {
        v128.store(to, f32x4.add(v128.load(to), v128.load(r)));
      }
    }
    if (divisor != 1) {
      for (let to = target; to < end; to += 16) v128.store(to, f32x4.div(v128.load(to), divisors));
    }
    if (whole < columns) {
      // The same additions for the last columns, in one vector whose surplus lanes are dropped.
      let total = f32x4.splat(0);
      row = place + ((<usize>whole) << 2);
      for (n = rows; n >= 4; n -= 4, row += width << 2) {
        const r2 = row + (width << 1);
        const rest = sumOf4(v128.load(row), v128.load(row + width), v128.load(r2), v128.load(r2 + width));
        total = f32x4.add(total, rest);
      }
      for (; n > 0; n--, row += width) total = f32x4.add(total, v128.load(row));
      storeLanes(end, f32x4.div(total, divisors), columns - whole);
    }
  }
}

// @ts-ignore: decorator
@inline
function sumOf4(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/**
 * Maxima and minima compare floats as unsigned integers: −∞ … −0, +0 … +∞ and, above all, NaN of either sign. So a maximum is one
 * instruction, NaN wins, +0 beats −0, and the order of comparisons cannot matter. For a minimum the sign bit is flipped on
 * the way in and out: `flip` is 0 for a maximum and 0x80000000 for a minimum.
 */
// @ts-ignore: decorator
@inline
function keyOf(v: v128, flip: v128): v128 {
  const b = v128.xor(v, flip);
  const ordered = v128.xor(b, v128.and(i32x4.shr_s(b, 31), i32x4.splat(0x7fffffff)));
  return i32x4.sub(ordered, i32x4.splat(<i32>0x807fffff)); // what −∞ becomes
}

// @ts-ignore: decorator
@inline
function valueOf(key: v128, flip: v128): v128 {
  const ordered = i32x4.add(key, i32x4.splat(<i32>0x807fffff));
  const b = v128.xor(ordered, v128.and(i32x4.shr_s(ordered, 31), i32x4.splat(0x7fffffff)));
  const value = v128.xor(b, flip);
  return v128.bitselect(value, i32x4.splat(0x7fc00000), f32x4.eq(value, value));
}

/** y[r, s] = the maximum (minimum) of x[r, i] over i in segment s of the row. Units as in `sumRows`. */
export function extremeRows(x: usize, y: usize, length: u32, segment: u32, flip: u32, from: u32, to: u32): void {
  const segments = (length + segment - 1) / segment;
  const flips = i32x4.splat(flip);
  for (let unit = from; unit < to; unit++) {
    const start = (unit % segments) * segment;
    let n = min(segment, length - start);
    let place = x + ((<usize>(unit / segments) * length + start) << 2);
    let a = i32x4.splat(0);
    let b = i32x4.splat(0);
    for (; n >= 8; n -= 8, place += 32) {
      a = i32x4.max_u(a, keyOf(v128.load(place), flips));
      b = i32x4.max_u(b, keyOf(v128.load(place, 16), flips));
    }
    if (n >= 4) {
      a = i32x4.max_u(a, keyOf(v128.load(place), flips));
      n -= 4;
      place += 16;
    }
    if (n > 0) b = i32x4.max_u(b, v128.and(keyOf(v128.load(place), flips), firstLanes(n)));
    a = i32x4.max_u(a, b);
    a = i32x4.max_u(a, v128.shuffle<f32>(a, a, 2, 3, 2, 3));
    a = i32x4.max_u(a, v128.shuffle<f32>(a, a, 1, 1, 1, 1));
    v128.store32_lane(y + ((<usize>unit) << 2), valueOf(a, flips), 0);
  }
}

/** y[o, s, j] = the maximum (minimum) of x[o, i, j] over i in segment s. Units as in `sumColumns`. */
export function extremeColumns(
  x: usize,
  y: usize,
  axis: u32,
  inner: u32,
  segment: u32,
  flip: u32,
  from: u32,
  to: u32,
): void {
  const blocks = columnBlocks(inner);
  const segments = (axis + segment - 1) / segment;
  const width = (<usize>inner) << 2;
  const flips = i32x4.splat(flip);
  for (let unit = from; unit < to; unit++) {
    const column = (unit % blocks) * reducedColumns;
    const slot = unit / blocks;
    const start = (slot % segments) * segment;
    const rows = min(segment, axis - start);
    const columns = min(reducedColumns, inner - column);
    const whole = columns & ~3;
    const place = x + ((<usize>(slot / segments) * axis + start) * inner + column << 2);
    const target = y + ((<usize>slot * inner + column) << 2);
    const end = target + ((<usize>whole) << 2);
    memory.fill(target, 0, (<usize>whole) << 2);
    let row = place;
    for (let n = rows; n > 0; n--, row += width) {
      for (let to = target, r = row; to < end; to += 16, r += 16) {
        v128.store(to, i32x4.max_u(v128.load(to), keyOf(v128.load(r), flips)));
      }
    }
    for (let to = target; to < end; to += 16) v128.store(to, valueOf(v128.load(to), flips));
    if (whole < columns) {
      let best = i32x4.splat(0);
      row = place + ((<usize>whole) << 2);
      for (let n = rows; n > 0; n--, row += width) best = i32x4.max_u(best, keyOf(v128.load(row), flips));
      storeLanes(end, valueOf(best, flips), columns - whole);
    }
  }
}

/**
 * index[o, j] = the first i with the maximum (minimum) of x[o, i, j]; the first NaN if there is one; −0 and +0 are equal.
 * A unit is an outer index.
 */
export function extremeIndex(x: usize, index: usize, axis: u32, inner: u32, flip: u32, from: u32, to: u32): void {
  const width = (<usize>inner) << 2;
  const flips = i32x4.splat(flip);
  for (let outer = from; outer < to; outer++) {
    const place = x + <usize>outer * axis * width;
    const target = index + <usize>outer * width;
    if (inner == 1) {
      store<i32>(target, extremeOfRow(place, axis, flip));
      continue;
    }
    for (let column: u32 = 0; column < inner; column += 4) {
      let row = place + ((<usize>column) << 2);
      let best = v128.xor(v128.load(row), flips);
      let winner = i32x4.splat(0);
      for (let i: u32 = 1; i < axis; i++) {
        row += width;
        const value = v128.xor(v128.load(row), flips);
        const firstNaN = v128.and(f32x4.ne(value, value), f32x4.eq(best, best));
        const wins = v128.or(f32x4.gt(value, best), firstNaN);
        best = v128.bitselect(value, best, wins);
        winner = v128.bitselect(i32x4.splat(i), winner, wins);
      }
      storeLanes(target + ((<usize>column) << 2), winner, inner - column);
    }
  }
}

/** The place of the first maximum (minimum) among `n` neighbours: four runs side by side, then the best of their winners. */
function extremeOfRow(x: usize, n: u32, flip: u32): u32 {
  const flips = i32x4.splat(flip);
  let best = f32x4.splat(-Infinity);
  let winner = i32x4.splat(-1);
  let places = i32x4(0, 1, 2, 3);
  let left = <i32>n;
  for (; left >= 4; left -= 4, x += 16) {
    const value = v128.xor(v128.load(x), flips);
    const firstNaN = v128.and(f32x4.ne(value, value), f32x4.eq(best, best));
    const wins = v128.or(f32x4.gt(value, best), firstNaN);
    best = v128.bitselect(value, best, wins);
    winner = v128.bitselect(places, winner, wins);
    places = i32x4.add(places, i32x4.splat(4));
  }
  let place: u32 = 0;
  let top: f32 = -Infinity;
  // −1 as an unsigned number stands behind every place: a lane that saw nothing but −∞.
  for (let lane = 0; lane < 4; lane++) {
    const candidate = f32x4.extract_lane(best, 0);
    const at = <u32>i32x4.extract_lane(winner, 0);
    if (at != u32.MAX_VALUE && precedes(candidate, at, top, place)) {
      top = candidate;
      place = at;
    }
    best = v128.shuffle<f32>(best, best, 1, 2, 3, 0);
    winner = v128.shuffle<f32>(winner, winner, 1, 2, 3, 0);
  }
  for (let i = n - <u32>left; i < n; i++, x += 4) {
    const value = reinterpret<f32>(load<u32>(x) ^ flip);
    if (value > top || (value != value && top == top)) {
      top = value;
      place = i;
    }
  }
  return place;
}

/** Whether a value at a place comes before the present winner: NaN before numbers, larger before smaller, then the earlier place. */
// @ts-ignore: decorator
@inline
function precedes(value: f32, at: u32, top: f32, place: u32): bool {
  if (value != value) return top == top || at < place;
  return value > top || (value == top && at < place);
}

/** dx[r, i] = dy[r, s] / divisor for i in segment s of the row: `sumRows` backwards. */
export function spreadRows(dy: usize, dx: usize, length: u32, segment: u32, divisor: f32, from: u32, to: u32): void {
  const segments = (length + segment - 1) / segment;
  for (let unit = from; unit < to; unit++) {
    const start = (unit % segments) * segment;
    const row = unit / segments;
    let place = dx + ((<usize>row * length + start) << 2);
    let n = min(segment, length - start);
    const value = f32x4.splat(load<f32>(dy + ((<usize>row) << 2)) / divisor);
    for (; n >= 4; n -= 4, place += 16) v128.store(place, value);
    if (n > 0) storeLanes(place, value, n);
  }
}

/** dx[o, i, j] = dy[o, j] / divisor. A unit is a pair of o and i. */
export function spreadColumns(dy: usize, dx: usize, axis: u32, inner: u32, divisor: f32, from: u32, to: u32): void {
  const width = (<usize>inner) << 2;
  const divisors = f32x4.splat(divisor);
  const whole = inner & ~3;
  for (let unit = from; unit < to; unit++) {
    const place = dx + <usize>unit * width;
    const source = dy + <usize>(unit / axis) * width;
    for (let at: usize = 0; at < (<usize>whole) << 2; at += 16) {
      v128.store(place + at, f32x4.div(v128.load(source + at), divisors));
    }
    if (whole < inner) {
      const at = (<usize>whole) << 2;
      storeLanes(place + at, f32x4.div(v128.load(source + at), divisors), inner - whole);
    }
  }
}
