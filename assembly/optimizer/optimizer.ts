/**
 * The optimisers' updates, fused and in place: one pass reads a parameter, its gradient and its state, and writes parameter and state.
 * Together with `addInto` these are the only kernels that change a tensor where it lies. All work on whole vectors of four elements
 * [from, to), so they may touch the padding behind the tensor; gradient, parameter and state are separate blocks.
 *
 * The order of the operations is PyTorch's, element by element; only its fused multiply–adds are two roundings here.
 */
import { madd } from "../how/simd";

/**
 * Stochastic gradient descent:
 *
 *     d = g + weightDecay·p
 *     b = first ? d : momentum·b + (1 − dampening)·d        if there is a momentum buffer
 *     d = nesterov ? d + momentum·b : b
 *     p = p − learningRate·d
 *
 * `undamped` is 1 − dampening. `buffer` is 0 where momentum is 0. To climb instead, hand in `sign` −1: the gradient is negated.
 */
export function sgdStep(
  parameter: usize, grad: usize, buffer: usize,
  learningRate: f32, momentum: f32, undamped: f32, weightDecay: f32, nesterov: i32, sign: f32, first: i32,
  from: u32, to: u32,
): void {
  const signs = f32x4.splat(sign);
  const decay = f32x4.splat(weightDecay);
  const rate = f32x4.splat(-learningRate);
  const factor = f32x4.splat(momentum);
  const share = f32x4.splat(undamped);
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const p = v128.load(parameter + at);
    let d = f32x4.mul(v128.load(grad + at), signs);
    if (weightDecay != 0) d = madd(p, decay, d);
    if (buffer != 0) {
      let b = d;
      if (!first) b = madd(d, share, f32x4.mul(v128.load(buffer + at), factor));
      v128.store(buffer + at, b);
      d = nesterov ? madd(b, factor, d) : b;
    }
    v128.store(parameter + at, madd(d, rate, p));
  }
}

/**
 * Adam, and AdamW where `shrink` is 1 − learningRate·weightDecay (and `weightDecay` 0):
 *
 *     p = shrink·p
 *     g = sign·g + weightDecay·p
 *     m = β₁·m + (1 − β₁)·g
 *     v = β₂·v + (1 − β₂)·g·g
 *     h = max(h, v), if there is a buffer for the largest v (AMSGrad); else h = v
 *     p = p − stepSize·m / (√h / correction + ε)
 *
 * with stepSize = learningRate / (1 − β₁ᵗ) and correction = √(1 − β₂ᵗ), both computed once for all elements by the caller.
 */
export function adamStep(
  parameter: usize, grad: usize, average: usize, squareAverage: usize, largest: usize,
  stepSize: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, correction: f32, epsilon: f32,
  weightDecay: f32, shrink: f32, sign: f32,
  from: u32, to: u32,
): void {
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const p = f32x4.mul(v128.load(parameter + at), f32x4.splat(shrink));
    let g = f32x4.mul(v128.load(grad + at), f32x4.splat(sign));
    if (weightDecay != 0) g = madd(p, f32x4.splat(weightDecay), g);
    const m = madd(g, f32x4.splat(rest1), f32x4.mul(v128.load(average + at), f32x4.splat(beta1)));
    v128.store(average + at, m);
    const v = madd(
      f32x4.mul(f32x4.splat(rest2), g), g, f32x4.mul(v128.load(squareAverage + at), f32x4.splat(beta2)),
    );
    v128.store(squareAverage + at, v);
    let h = v;
    if (largest != 0) {
      h = f32x4.pmax(v, v128.load(largest + at));
      v128.store(largest + at, h);
    }
    const denominator = f32x4.add(f32x4.div(f32x4.sqrt(h), f32x4.splat(correction)), f32x4.splat(epsilon));
    v128.store(parameter + at, f32x4.add(p, f32x4.div(f32x4.mul(f32x4.splat(-stepSize), m), denominator)));
  }
}

/** Elements a block of `sumOfSquares` and `largestMagnitude`; fixed, so that the tree of a sum is. */
// @ts-ignore: decorator
@inline
const blockElements: usize = 4096;

/**
 * Σ x² of the blocks [from, to) of 4096 elements of an array of n, one float64 a block into `partials`: float64 all along, since a norm
 * over a whole model sums hundreds of thousands of squares.
 */
export function sumOfSquares(x: usize, partials: usize, n: u32, from: u32, to: u32): void {
  for (let block = <usize>from; block < <usize>to; block++) {
    const first = block * blockElements;
    const count = min(<usize>n - first, blockElements);
    let at = x + (first << 2);
    const end = at + ((count & ~3) << 2);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (; at < end; at += 16) {
      const v = v128.load(at);
      const a = f64x2.promote_low_f32x4(v);
      const b = f64x2.promote_low_f32x4(i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const pairs = f64x2.add(low, high);
    let sum = f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
    for (let k = count & 3; k > 0; k--, at += 4) {
      const value = <f64>load<f32>(at);
      sum += value * value;
    }
    store<f64>(partials + (block << 3), sum);
  }
}

/** Σ |x| of the blocks [from, to), as above. */
export function sumOfMagnitudes(x: usize, partials: usize, n: u32, from: u32, to: u32): void {
  for (let block = <usize>from; block < <usize>to; block++) {
    const first = block * blockElements;
    const count = min(<usize>n - first, blockElements);
    let at = x + (first << 2);
    let sum: f64 = 0;
    for (let k = count; k > 0; k--, at += 4) sum += <f64>abs(load<f32>(at));
    store<f64>(partials + (block << 3), sum);
  }
}

/** max |x| of the blocks [from, to), as above; NaN if there is one. */
export function largestMagnitude(x: usize, partials: usize, n: u32, from: u32, to: u32): void {
  for (let block = <usize>from; block < <usize>to; block++) {
    const first = block * blockElements;
    const count = min(<usize>n - first, blockElements);
    let at = x + (first << 2);
    let largest: f32 = 0;
    for (let k = count; k > 0; k--, at += 4) {
      const value = abs(load<f32>(at));
      if (value > largest || value != value) largest = value;
      if (largest != largest) break;
    }
    store<f64>(partials + (block << 3), <f64>largest);
  }
}

/** x = factor·x in place, vectors [from, to). */
export function scaleInPlace(x: usize, factor: f32, from: u32, to: u32): void {
  const factors = f32x4.splat(factor);
  const end = x + (<usize>to << 4);
  for (x += <usize>from << 4; x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), factors));
}

/** x = x limited to [−limit, limit] in place, vectors [from, to); NaN stays NaN. */
export function limitInPlace(x: usize, limit: f32, from: u32, to: u32): void {
  const low = f32x4.splat(-limit);
  const high = f32x4.splat(limit);
  const end = x + (<usize>to << 4);
  for (x += <usize>from << 4; x < end; x += 16) {
    v128.store(x, f32x4.pmin(f32x4.pmax(v128.load(x), low), high));
  }
}
