/**
 * Elements of another dtype, in whole vectors over [from, to): `from` is a multiple of 64, and what lies behind the last element is
 * the padding of the blocks. Towards integers the fraction is cut off; beyond int32 a float becomes the nearest int32, NaN becomes 0;
 * towards uint8 the lowest eight bits of the integer stay.
 */

/** Float32 from bytes, divided: 255 makes pixels of [0, 1]. */
export function floatOfBytes(x: usize, y: usize, divisor: f32, from: u32, to: u32): void {
  const divisors = f32x4.splat(divisor);
  for (let i = from; i < to; i += 4) {
    const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x + i)));
    v128.store(y + (i << 2), f32x4.div(f32x4.convert_i32x4_s(words), divisors));
  }
}

export function floatOfInts(x: usize, y: usize, divisor: f32, from: u32, to: u32): void {
  const divisors = f32x4.splat(divisor);
  for (let i = from; i < to; i += 4) {
    v128.store(y + (i << 2), f32x4.div(f32x4.convert_i32x4_s(v128.load(x + (i << 2))), divisors));
  }
}

export function intOfFloats(x: usize, y: usize, from: u32, to: u32): void {
  for (let i = from; i < to; i += 4) v128.store(y + (i << 2), i32x4.trunc_sat_f32x4_s(v128.load(x + (i << 2))));
}

export function intOfBytes(x: usize, y: usize, from: u32, to: u32): void {
  for (let i = from; i < to; i += 4) {
    v128.store(y + (i << 2), i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x + i))));
  }
}

export function byteOfInts(x: usize, y: usize, from: u32, to: u32): void {
  for (let i = from; i < to; i += 4) store4(y + i, v128.load(x + (i << 2)));
}

export function byteOfFloats(x: usize, y: usize, from: u32, to: u32): void {
  for (let i = from; i < to; i += 4) store4(y + i, i32x4.trunc_sat_f32x4_s(v128.load(x + (i << 2))));
}

// @ts-ignore: decorator
@inline
function store4(place: usize, words: v128): void {
  const lowest = v128.and(words, i32x4.splat(255));
  const shorts = i16x8.narrow_i32x4_s(lowest, lowest);
  v128.store32_lane(place, i8x16.narrow_i16x8_u(shorts, shorts), 0);
}
