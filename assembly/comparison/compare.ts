/**
 * y = a ∘ b as bytes 1 and 0, for the relations = ≠ < ≤. The operands broadcast as in loops.ts and have any dtype: 0 float32,
 * 1 int32, 2 uint8. If one of them is float32 both are compared as float32, else as int32. NaN equals nothing and has no order.
 */

/** Four elements, or one that stays, as float32 or as int32. */
// @ts-ignore: decorator
@inline
function operand(x: usize, dtype: u32, step: u32, asFloat: bool): v128 {
  let value: v128;
  if (dtype == 2) {
    if (step) value = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x)));
    else value = i32x4.splat(load<u8>(x));
  } else value = step ? v128.load(x) : v128.load32_splat(x);
  return asFloat && dtype != 0 ? f32x4.convert_i32x4_s(value) : value;
}

class Equal {
  // @ts-ignore: decorator
  @inline floats(a: v128, b: v128): v128 { return f32x4.eq(a, b); }
  // @ts-ignore: decorator
  @inline integers(a: v128, b: v128): v128 { return i32x4.eq(a, b); }
}
class NotEqual {
  // @ts-ignore: decorator
  @inline floats(a: v128, b: v128): v128 { return f32x4.ne(a, b); }
  // @ts-ignore: decorator
  @inline integers(a: v128, b: v128): v128 { return i32x4.ne(a, b); }
}
class Less {
  // @ts-ignore: decorator
  @inline floats(a: v128, b: v128): v128 { return f32x4.lt(a, b); }
  // @ts-ignore: decorator
  @inline integers(a: v128, b: v128): v128 { return i32x4.lt_s(a, b); }
}
class LessEqual {
  // @ts-ignore: decorator
  @inline floats(a: v128, b: v128): v128 { return f32x4.le(a, b); }
  // @ts-ignore: decorator
  @inline integers(a: v128, b: v128): v128 { return i32x4.le_s(a, b); }
}

/** Rows [from, to). */
// @ts-ignore: decorator
@inline
function compare<Relation>(
  a: usize, b: usize, y: usize, aType: u32, bType: u32, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  const relation = changetype<Relation>(0);
  const asFloat = aType == 0 || bType == 0;
  const aShift = aType == 2 ? 0 : 2;
  const bShift = bType == 2 ? 0 : 2;
  let at = from * n3;
  for (let r = from; r < to; r++, at += n3) {
    const i2 = r % n2;
    const i1 = (r / n2) % n1;
    const i0 = r / n2 / n1;
    let ax = a + ((i0 * a0 + i1 * a1 + i2 * a2) << aShift);
    let bs = b + ((i0 * b0 + i1 * b1 + i2 * b2) << bShift);
    let n = min(n3, size - at);
    for (let ys = y + at; ; ys += 4, n -= 4) {
      const left = operand(ax, aType, a3, asFloat);
      const right = operand(bs, bType, b3, asFloat);
      // @ts-ignore: every Relation has these methods
      const mask: v128 = asFloat ? relation.floats(left, right) : relation.integers(left, right);
      const ones = v128.and(mask, i32x4.splat(1));
      const words = i16x8.narrow_i32x4_s(ones, ones);
      const bytes = i8x16.narrow_i16x8_s(words, words);
      if (n <= 4) {
        let rest = i32x4.extract_lane(bytes, 0);
        for (; n > 0; n--, ys++, rest >>= 8) store<u8>(ys, rest);
        break;
      }
      v128.store32_lane(ys, bytes, 0);
      ax += (a3 << 2) << aShift;
      bs += (b3 << 2) << bShift;
    }
  }
}

export function eq(
  a: usize, b: usize, y: usize, aType: u32, bType: u32, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  compare<Equal>(a, b, y, aType, bType, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function ne(
  a: usize, b: usize, y: usize, aType: u32, bType: u32, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  compare<NotEqual>(a, b, y, aType, bType, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function lt(
  a: usize, b: usize, y: usize, aType: u32, bType: u32, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  compare<Less>(a, b, y, aType, bType, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}

export function le(
  a: usize, b: usize, y: usize, aType: u32, bType: u32, size: u32, n1: u32, n2: u32, n3: u32,
  a0: u32, a1: u32, a2: u32, a3: u32, b0: u32, b1: u32, b2: u32, b3: u32, from: u32, to: u32,
): void {
  compare<LessEqual>(a, b, y, aType, bType, size, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, from, to);
}
