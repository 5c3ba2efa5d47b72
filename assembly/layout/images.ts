/**
 * y[i] = x[i] / 255 for bytes x and float32 y, vectors of four elements [from, to): an image's shades from 0 to 1. A division, as
 * PyTorch does it: a product with 1/255 would round differently.
 */
export function bytesToUnit(x: usize, y: usize, from: u32, to: u32): void {
  const scale = f32x4.splat(255);
  x += <usize>from << 2;
  const end = y + (<usize>to << 4);
  for (y += <usize>from << 4; y < end; x += 4, y += 16) {
    const shorts = i16x8.extend_low_i8x16_u(v128.load32_zero(x));
    v128.store(y, f32x4.div(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(shorts)), scale));
  }
}
