/**
 * Losses element by element, and their gradients. The caller reduces them; `dy` is then one number, for all elements alike, or
 * (`each`) one for each. `divisor` is the number of elements for a mean, else 1; its sign is that of the port whose gradient is
 * wanted: minus for the target. Whole vectors; `from` is a multiple of 4.
 */
import { exp4, logOf1Plus } from "../how/math";
import { sigmoid4 } from "../how/sigmoid";
import { storeLanes } from "../how/simd";

/** y = (x − t)². */
export function squaredError(x: usize, target: usize, y: usize, from: u32, to: u32): void {
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const difference = f32x4.sub(v128.load(x + at), v128.load(target + at));
    v128.store(y + at, f32x4.mul(difference, difference));
  }
}

/** dx = 2·(x − t)·dy / divisor. */
export function squaredErrorGrad(
  x: usize,
  target: usize,
  dy: usize,
  dx: usize,
  divisor: f32,
  each: u32,
  from: u32,
  to: u32,
): void {
  const end = (<usize>to) << 2;
  const divisors = f32x4.splat(divisor);
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const difference = f32x4.sub(v128.load(x + at), v128.load(target + at));
    const grad = gradAt(dy, at, each, divisors);
    v128.store(dx + at, f32x4.mul(f32x4.add(difference, difference), grad));
  }
}

/** y = |x − t|. */
export function absoluteError(x: usize, target: usize, y: usize, from: u32, to: u32): void {
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    v128.store(y + at, f32x4.abs(f32x4.sub(v128.load(x + at), v128.load(target + at))));
  }
}

/** dx = sign(x − t)·dy / divisor, 0 where they are equal, NaN where one is. */
export function absoluteErrorGrad(
  x: usize,
  target: usize,
  dy: usize,
  dx: usize,
  divisor: f32,
  each: u32,
  from: u32,
  to: u32,
): void {
  const end = (<usize>to) << 2;
  const divisors = f32x4.splat(divisor);
  const zero = f32x4.splat(0);
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const difference = f32x4.sub(v128.load(x + at), v128.load(target + at));
    const grad = gradAt(dy, at, each, divisors);
    const above = v128.and(grad, f32x4.gt(difference, zero));
    const below = v128.and(grad, f32x4.lt(difference, zero));
    v128.store(dx + at, v128.or(f32x4.sub(above, below), f32x4.ne(difference, difference)));
  }
}

// @ts-ignore: decorator
@inline
function gradAt(dy: usize, at: usize, each: u32, divisors: v128): v128 {
  return f32x4.div(each ? v128.load(dy + at) : v128.load32_splat(dy), divisors);
}

/** 4 KB of results between two passes stay in L1. */
const stripBytes: usize = 4096;

/**
 * Binary cross entropy of a logit x and a probability t, the positive class weighing w:
 *
 *   y = (1 − t)·x + l·max(−x, 0) + l·ln(1 + e^−|x|),   l = 1 + (w − 1)·t
 *
 * The first two terms cancel exactly where t = 0 and x < 0, so they are added before the small one. Elements are rows of P; a row
 * has one weight for each of its elements. Without weights (0) rows are vectors: P = 4. A unit is a row. Exponentials come first,
 * strip by strip: a chain from e^−|x| to its logarithm is so long that only two would be under way at a time.
 */
export function binaryCrossEntropy(x: usize, target: usize, weight: usize, y: usize, P: u32, from: u32, to: u32): void {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const end = (<usize>P) << 2, last = <usize>to * end;
  const strip = max<usize>(stripBytes / max<usize>(end, 1), 1) * end;
  for (let begin = <usize>from * end; begin < last; begin += strip) {
    const stop = min(begin + strip, last);
    for (let at = begin; at < stop; at += 16) {
      storeLanes(y + at, exp4(f32x4.neg(f32x4.abs(v128.load(x + at)))), <u32>((stop - at) >> 2));
    }
    for (let row = begin; row < stop; row += end) {
      for (let at: usize = 0; at < end; at += 16) {
        const logit = v128.load(x + row + at);
        const chance = v128.load(target + row + at);
        const rest = logOf1Plus(v128.load(y + row + at));
        const below = f32x4.pmax(f32x4.neg(logit), zero);
        const first = f32x4.mul(f32x4.sub(one, chance), logit);
        let loss: v128;
        if (weight) {
          const share = f32x4.add(one, f32x4.mul(f32x4.sub(v128.load(weight + at), one), chance));
          loss = f32x4.add(f32x4.add(first, f32x4.mul(share, below)), f32x4.mul(share, rest));
        } else {
          loss = f32x4.add(f32x4.add(first, below), rest);
        }
        storeLanes(y + row + at, loss, <u32>((end - at) >> 2));
      }
    }
  }
}

/** dx = (l·σ(x) − w·t)·dy / divisor. */
export function binaryCrossEntropyGradInput(
  x: usize,
  target: usize,
  weight: usize,
  dy: usize,
  dx: usize,
  divisor: f32,
  each: u32,
  P: u32,
  from: u32,
  to: u32,
): void {
  const one = f32x4.splat(1);
  const divisors = f32x4.splat(divisor);
  const end = (<usize>P) << 2;
  for (let row = <usize>from * end, last = <usize>to * end; row < last; row += end) {
    for (let at: usize = 0; at < end; at += 16) {
      const chance = v128.load(target + row + at);
      let found = sigmoid4(v128.load(x + row + at));
      let wanted = chance;
      if (weight) {
        const weights = v128.load(weight + at);
        found = f32x4.mul(f32x4.add(one, f32x4.mul(f32x4.sub(weights, one), chance)), found);
        wanted = f32x4.mul(weights, chance);
      }
      const grad = gradAt(dy, row + at, each, divisors);
      storeLanes(dx + row + at, f32x4.mul(f32x4.sub(found, wanted), grad), <u32>((end - at) >> 2));
    }
  }
}

/** dt = ((w − 1)·(max(−x, 0) + ln(1 + e^−|x|)) − x)·dy / divisor. */
export function binaryCrossEntropyGradTarget(
  x: usize,
  weight: usize,
  dy: usize,
  dt: usize,
  divisor: f32,
  each: u32,
  P: u32,
  from: u32,
  to: u32,
): void {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const divisors = f32x4.splat(divisor);
  const end = (<usize>P) << 2;
  for (let row = <usize>from * end, last = <usize>to * end; row < last; row += end) {
    for (let at: usize = 0; at < end; at += 16) {
      const logit = v128.load(x + row + at);
      let slope = f32x4.neg(logit);
      if (weight) {
        const rest = logOf1Plus(exp4(f32x4.neg(f32x4.abs(logit))));
        const softplus = f32x4.add(f32x4.pmax(slope, zero), rest);
        slope = f32x4.add(f32x4.mul(f32x4.sub(v128.load(weight + at), one), softplus), slope);
      }
      const grad = gradAt(dy, row + at, each, divisors);
      storeLanes(dt + row + at, f32x4.mul(slope, grad), <u32>((end - at) >> 2));
    }
  }
}
