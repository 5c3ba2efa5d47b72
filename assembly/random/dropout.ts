/**
 * Dropout: y[i] = kept[i] ? x[i] · scale : 0, where kept[i] depends on i and the seed alone:
 *
 *   kept[i] = (hash(i, seed) >>> 8) ≥ threshold,   threshold = p · 2²⁴
 *
 * The hash is a counter-based generator: no state, so elements can be computed in any order, on any thread. A number is selected
 * and not multiplied by 0, so that what is dropped is 0 even where x is infinite. Whole vectors; `from` is a multiple of 4.
 */
export function dropout(
  x: usize,
  y: usize,
  mask: usize,
  threshold: i32,
  scale: f32,
  low: u32,
  high: u32,
  from: u32,
  to: u32,
): void {
  const limit = i32x4.splat(threshold);
  const scales = f32x4.splat(scale);
  const lows = i32x4.splat(low);
  const highs = i32x4.splat(high);
  let index = i32x4.add(i32x4.splat(from), i32x4(0, 1, 2, 3));
  for (let i = <usize>from; i < to; i += 4) {
    const kept = i32x4.ge_s(i32x4.shr_u(hash(index, lows, highs), 8), limit);
    v128.store(y + (i << 2), v128.and(f32x4.mul(v128.load(x + (i << 2)), scales), kept));
    const halves = i16x8.narrow_i32x4_s(kept, kept);
    const bytes = v128.and(i8x16.narrow_i16x8_s(halves, halves), i8x16.splat(1));
    v128.store32_lane(mask + i, bytes, 0);
    index = i32x4.add(index, i32x4.splat(4));
  }
}

/** Shifts and products by which every bit of the index moves every bit of the hash; the seed's halves enter before either product. */
// @ts-ignore: decorator
@inline
function hash(index: v128, low: v128, high: v128): v128 {
  let h = v128.xor(index, low);
  h = v128.xor(h, i32x4.shr_u(h, 16));
  h = v128.xor(i32x4.mul(h, i32x4.splat(0x7feb352d)), high);
  h = v128.xor(h, i32x4.shr_u(h, 15));
  h = i32x4.mul(h, i32x4.splat(<i32>0x846ca68b));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** dx[i] = mask[i] ? dy[i] · scale : 0. */
export function dropoutGradInput(mask: usize, dy: usize, dx: usize, scale: f32, from: u32, to: u32): void {
  const scales = f32x4.splat(scale);
  for (let i = <usize>from; i < to; i += 4) {
    const bytes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(mask + i)));
    const kept = i32x4.ne(bytes, i32x4.splat(0));
    v128.store(dx + (i << 2), v128.and(f32x4.mul(v128.load(dy + (i << 2)), scales), kept));
  }
}
