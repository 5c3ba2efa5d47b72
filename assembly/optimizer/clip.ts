/** Norms of gradients, and what limits them in place. */
/** Elements a block of the norm kernels; fixed, so that the tree of a sum is. */
export const normBlock: usize = 4096;

/**
 * Σ x² of the blocks [from, to) of 4096 elements of an array of n, one float64 a block into `partials`: float64 all along, since a norm
 * over a whole model sums hundreds of thousands of squares.
 */
export function sumOfSquares(x: usize, partials: usize, n: u32, from: u32, to: u32): void {
  for (let block = <usize>from; block < <usize>to; block++) {
    const first = block * normBlock;
    const count = min(<usize>n - first, normBlock);
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
    const first = block * normBlock;
    const count = min(<usize>n - first, normBlock);
    let at = x + (first << 2);
    let sum: f64 = 0;
    for (let k = count; k > 0; k--, at += 4) sum += <f64>abs(load<f32>(at));
    store<f64>(partials + (block << 3), sum);
  }
}

/** max |x| of the blocks [from, to), as above; NaN if there is one. */
export function largestMagnitude(x: usize, partials: usize, n: u32, from: u32, to: u32): void {
  for (let block = <usize>from; block < <usize>to; block++) {
    const first = block * normBlock;
    const count = min(<usize>n - first, normBlock);
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
