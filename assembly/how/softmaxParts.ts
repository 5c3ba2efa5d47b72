/**
 * The steps of a softmax that cross entropy shares: the maximum m, the powers e^(x − m) with their sum, the quotients. Sums are taken
 * in stretches of 32 vectors, so that long rows lose nothing to rounding. Columns are four at a time, each in a lane.
 */
import { exp4, log4 } from "./math";
import { firstLanes, horizontalSum, storeLanes } from "./simd";

/** The largest of n neighbours, NaN left out of account. */
export function largestOf(x: usize, n: u32): f32 {
  let best = f32x4.splat(-Infinity);
  for (; n >= 4; n -= 4, x += 16) best = f32x4.pmax(best, v128.load(x));
  if (n > 0) best = f32x4.pmax(best, v128.bitselect(v128.load(x), best, firstLanes(n)));
  best = f32x4.pmax(best, v128.shuffle<f32>(best, best, 2, 3, 2, 3));
  best = f32x4.pmax(best, v128.shuffle<f32>(best, best, 1, 1, 1, 1));
  return f32x4.extract_lane(best, 0);
}

/** Σ e^(x − largest) over n neighbours; the powers themselves go to y, unless that is 0. */
export function powersOf(x: usize, y: usize, n: u32, largest: f32): f32 {
  const top = f32x4.splat(largest);
  let total = f32x4.splat(0);
  while (n >= 4) {
    let sum = f32x4.splat(0);
    const steps = min<u32>(n >> 2, 32);
    for (let step: u32 = 0; step < steps; step++, x += 16) {
      const power = exp4(f32x4.sub(v128.load(x), top));
      sum = f32x4.add(sum, power);
      if (y) {
        v128.store(y, power);
        y += 16;
      }
    }
    total = f32x4.add(total, sum);
    n -= steps << 2;
  }
  if (n > 0) {
    const power = exp4(f32x4.sub(v128.load(x), top));
    total = f32x4.add(total, v128.and(power, firstLanes(n)));
    if (y) storeLanes(y, power, n);
  }
  return horizontalSum(total);
}

export function logOf(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}

/** y /= by, for n neighbours. */
export function divide(y: usize, n: u32, by: f32): void {
  const divisor = f32x4.splat(by);
  for (; n >= 4; n -= 4, y += 16) v128.store(y, f32x4.div(v128.load(y), divisor));
  if (n > 0) storeLanes(y, f32x4.div(v128.load(y), divisor), n);
}

/** The largest of four columns, each in a lane. */
// @ts-ignore: decorator
@inline
export function largestOfColumns(x: usize, end: usize, width: usize): v128 {
  let top = f32x4.splat(-Infinity);
  for (; x < end; x += width) top = f32x4.pmax(top, v128.load(x));
  return top;
}

/** Σ e^(x − top) of four columns; the powers themselves go to y, unless that is 0. */
// @ts-ignore: decorator
@inline
export function powersOfColumns(x: usize, y: usize, axis: u32, width: usize, top: v128, lanes: u32): v128 {
  let total = f32x4.splat(0);
  while (axis > 0) {
    let sum = f32x4.splat(0);
    const steps = min<u32>(axis, 32);
    for (let step: u32 = 0; step < steps; step++, x += width) {
      const power = exp4(f32x4.sub(v128.load(x), top));
      sum = f32x4.add(sum, power);
      if (y) {
        storeLanes(y, power, lanes);
        y += width;
      }
    }
    total = f32x4.add(total, sum);
    axis -= steps;
  }
  return total;
}
