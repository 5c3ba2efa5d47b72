/**
 * Softmax along an axis of [outer, axis, inner], and its logarithm:
 *
 *   y = e^(x − m) / s,   ln y = (x − m) − ln s,   m = max x,  s = Σ e^(x − m)
 *
 * Subtracting the maximum keeps every power at most 1 and s at least 1. NaN, +∞, or nothing but −∞ along the axis make all of it
 * NaN. A unit is a row where inner = 1, else four neighbouring columns of an outer index, one in each lane.
 */
import { exp4, log4 } from "../how/math";
import { firstLanes, horizontalSum, storeLanes } from "../how/simd";
import { divide, largestOf, largestOfColumns, logOf, powersOf, powersOfColumns } from "../how/softmaxParts";

export function softmaxRows(x: usize, y: usize, n: u32, log: u32, from: u32, to: u32): void {
  const width = (<usize>n) << 2;
  x += <usize>from * width;
  y += <usize>from * width;
  for (let row = from; row < to; row++, x += width, y += width) {
    const largest = largestOf(x, n);
    if (!log) {
      divide(y, n, powersOf(x, y, n, largest));
      continue;
    }
    const logSum = f32x4.splat(logOf(powersOf(x, 0, n, largest)));
    const top = f32x4.splat(largest);
    let place: usize = 0;
    let left = n;
    for (; left >= 4; left -= 4, place += 16) {
      v128.store(y + place, f32x4.sub(f32x4.sub(v128.load(x + place), top), logSum));
    }
    if (left > 0) storeLanes(y + place, f32x4.sub(f32x4.sub(v128.load(x + place), top), logSum), left);
  }
}

export function softmaxColumns(x: usize, y: usize, axis: u32, inner: u32, log: u32, from: u32, to: u32): void {
  const width = (<usize>inner) << 2;
  const chunks = (inner + 3) >> 2;
  for (let unit = from; unit < to; unit++) {
    const column = (unit % chunks) << 2;
    const lanes = min<u32>(inner - column, 4);
    const start = (<usize>(unit / chunks) * axis * inner + column) << 2;
    const end = start + <usize>axis * width;
    const top = largestOfColumns(x + start, x + end, width);
    const sum = powersOfColumns(x + start, log ? 0 : y + start, axis, width, top, lanes);
    if (log) {
      const logSum = log4(sum);
      for (let at = start; at < end; at += width) {
        storeLanes(y + at, f32x4.sub(f32x4.sub(v128.load(x + at), top), logSum), lanes);
      }
    } else {
      for (let at = start; at < end; at += width) storeLanes(y + at, f32x4.div(v128.load(y + at), sum), lanes);
    }
  }
}

/** From the output y: dx = y·(dy − Σ dy·y), or with y = ln p: dx = dy − e^y·Σ dy. */
export function softmaxRowsGrad(y: usize, dy: usize, dx: usize, n: u32, log: u32, from: u32, to: u32): void {
  const width = (<usize>n) << 2;
  let at = <usize>from * width;
  for (let row = from; row < to; row++) {
    let total = f32x4.splat(0);
    const start = at;
    let left = n;
    while (left >= 4) {
      let sum = f32x4.splat(0);
      const steps = min<u32>(left >> 2, 32);
      for (let step: u32 = 0; step < steps; step++, at += 16) sum = f32x4.add(sum, weighed(y + at, dy + at, log));
      total = f32x4.add(total, sum);
      left -= steps << 2;
    }
    if (left > 0) total = f32x4.add(total, v128.and(weighed(y + at, dy + at, log), firstLanes(left)));
    const sum = f32x4.splat(horizontalSum(total));
    at = start;
    for (left = n; left >= 4; left -= 4, at += 16) v128.store(dx + at, gradOf(y + at, dy + at, sum, log));
    if (left > 0) storeLanes(dx + at, gradOf(y + at, dy + at, sum, log), left);
    at = start + width;
  }
}

export function softmaxColumnsGrad(
  y: usize,
  dy: usize,
  dx: usize,
  axis: u32,
  inner: u32,
  log: u32,
  from: u32,
  to: u32,
): void {
  const width = (<usize>inner) << 2;
  const chunks = (inner + 3) >> 2;
  for (let unit = from; unit < to; unit++) {
    const column = (unit % chunks) << 2;
    const lanes = min<u32>(inner - column, 4);
    const start = (<usize>(unit / chunks) * axis * inner + column) << 2;
    let total = f32x4.splat(0);
    let at = start;
    for (let left = axis; left > 0; ) {
      let sum = f32x4.splat(0);
      const steps = min<u32>(left, 32);
      for (let step: u32 = 0; step < steps; step++, at += width) sum = f32x4.add(sum, weighed(y + at, dy + at, log));
      total = f32x4.add(total, sum);
      left -= steps;
    }
    const end = at;
    for (at = start; at < end; at += width) storeLanes(dx + at, gradOf(y + at, dy + at, total, log), lanes);
  }
}

// @ts-ignore: decorator
@inline
function weighed(y: usize, dy: usize, log: u32): v128 {
  const grad = v128.load(dy);
  return log ? grad : f32x4.mul(grad, v128.load(y));
}

// @ts-ignore: decorator
@inline
function gradOf(y: usize, dy: usize, sum: v128, log: u32): v128 {
  const grad = v128.load(dy);
  const value = v128.load(y);
  return log ? f32x4.sub(grad, f32x4.mul(exp4(value), sum)) : f32x4.mul(value, f32x4.sub(grad, sum));
}
