/**
 * The gradient of a linear layer's bias: db[j] = Σ_n dy[n,j]. Everything else of the layer is a matrix product.
 *
 * A fixed tree: blocks of `length` rows are summed on their own, each to one row of `y`, and those rows are summed by a second
 * call. `length` depends on the shape alone, so the bits do not depend on who sums which block.
 */

/**
 * Row t of y = Σ of the rows [t · length, (t + 1) · length) of x, in order, for t in [from, to). Rows of x and y begin every
 * `strideX` and `strideY` elements. Works in strips of 16 columns: a row of y has room for whole strips, and up to 60 bytes
 * behind x are read and ignored.
 */
export function linearGradBias(
  x: usize, y: usize, rows: u32, columns: u32, strideX: u32, strideY: u32, length: u32, from: u32, to: u32,
): void {
  const step = (<usize>strideX) << 2;
  for (let t = from; t < to; t++) {
    const first = min(t * length, rows), last = min(first + length, rows);
    const begin = x + (<usize>first) * step;
    const bytes = (<usize>(last - first)) * step;
    const target = y + (((<usize>t) * strideY) << 2);
    for (let j: u32 = 0; j < columns; j += 16) {
      const offset = (<usize>j) << 2;
      let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
      let at = begin + offset;
      for (const end = at + bytes; at != end; at += step) {
        c0 = f32x4.add(c0, v128.load(at));
        c1 = f32x4.add(c1, v128.load(at, 16));
        c2 = f32x4.add(c2, v128.load(at, 32));
        c3 = f32x4.add(c3, v128.load(at, 48));
      }
      v128.store(target + offset, c0);
      v128.store(target + offset, c1, 16);
      v128.store(target + offset, c2, 32);
      v128.store(target + offset, c3, 48);
    }
  }
}
