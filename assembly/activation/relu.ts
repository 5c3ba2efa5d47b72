/**
 * y[i] = max(x[i], 0) for i in [from, to), in whole vectors: `from` is a multiple of 4 and the last vector may run over
 * the end of the tensor into its block's padding. `pmax(x, 0)` is `x < 0 ? 0 : x`: one instruction that keeps NaN
 * and −0; in the order `pmax(0, x)` it would turn NaN into 0.
 */
export function relu(x: usize, y: usize, from: u32, to: u32): void {
  const zero = f32x4.splat(0);
  const end = x + ((<usize>to) << 2);
  for (x += (<usize>from) << 2, y += (<usize>from) << 2; x < end; x += 16, y += 16) {
    v128.store(y, f32x4.pmax(v128.load(x), zero));
  }
}

/** dx[i] = y[i] ≤ 0 ? 0 : dy[i], from the output y: y > 0 just where x > 0. NaN lets the gradient through, as in PyTorch. */
export function reluGradInput(y: usize, dy: usize, dx: usize, from: u32, to: u32): void {
  const zero = f32x4.splat(0);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    v128.store(dx + at, v128.andnot(v128.load(dy + at), f32x4.le(v128.load(y + at), zero)));
  }
}
