/**
 * Four values `stride` bytes apart. `Step` says at compile time what the stride is: i8 for one element, i16 for two, i32 for any.
 * With a stride of two elements it reads one element beyond the last value.
 */
// @ts-ignore: decorator
@inline
export function load4<Step>(place: usize, stride: usize): v128 {
  if (sizeof<Step>() == 1) return v128.load(place);
  if (sizeof<Step>() == 2) return v128.shuffle<f32>(v128.load(place), v128.load(place, 16), 0, 2, 4, 6);
  const values = v128.load32_lane(place + stride, v128.load32_zero(place), 1);
  return v128.load32_lane(place + 3 * stride, v128.load32_lane(place + 2 * stride, values, 2), 3);
}
