/**
 * Elements on the move: y[i0, i1, i2, i3] = x[i0, i1, i2, i3] where both sides have strides of their own. Permuting, slicing,
 * expanding read with strides and write densely; padding, concatenating and the gradient of a slice read densely and write
 * with strides. The caller merges and orders the axes (any order of the loops copies the same elements), so that
 *
 *     y is contiguous along i3, and x is too:     copyRows32          rows of vectors
 *     y is contiguous along i3, x along i2:       transposeTiles32    4×4 tiles turned in registers
 *     anything else:                              copyRows32          one element after another
 *
 * Strides count elements and may be zero (expand) or negative (a slice backwards). "32" moves float32 and int32 alike, "8" bytes.
 * Nothing is written but the elements named: rows lie side by side, so there is no padding to spill into.
 */

/** Rows [from, to) of the n0·n1·n2 rows of n3 elements. */
export function copyRows32(
  x: usize, y: usize, n1: i32, n2: i32, n3: i32,
  xs0: i32, xs1: i32, xs2: i32, xs3: i32, ys0: i32, ys1: i32, ys2: i32, ys3: i32,
  from: i32, to: i32,
): void {
  let i2 = from % n2;
  let i1 = (from / n2) % n1;
  let i0 = from / n2 / n1;
  const contiguous = xs3 == 1 && ys3 == 1;
  for (let row = from; row < to; row++) {
    let source = x + ((i0 * xs0 + i1 * xs1 + i2 * xs2) << 2);
    let target = y + ((i0 * ys0 + i1 * ys1 + i2 * ys2) << 2);
    if (contiguous) copyWords(source, target, n3);
    else if (xs3 == 0 && ys3 == 1) fillWords(target, load<i32>(source), n3);
    else {
      for (let k = n3; k > 0; k--, source += xs3 << 2, target += ys3 << 2) store<i32>(target, load<i32>(source));
    }
    if (++i2 == n2) {
      i2 = 0;
      if (++i1 == n1) { i1 = 0; i0++; }
    }
  }
}

/** The same for bytes. */
export function copyRows8(
  x: usize, y: usize, n1: i32, n2: i32, n3: i32,
  xs0: i32, xs1: i32, xs2: i32, xs3: i32, ys0: i32, ys1: i32, ys2: i32, ys3: i32,
  from: i32, to: i32,
): void {
  let i2 = from % n2;
  let i1 = (from / n2) % n1;
  let i0 = from / n2 / n1;
  const contiguous = xs3 == 1 && ys3 == 1;
  for (let row = from; row < to; row++) {
    let source = x + i0 * xs0 + i1 * xs1 + i2 * xs2;
    let target = y + i0 * ys0 + i1 * ys1 + i2 * ys2;
    if (contiguous) memory.copy(target, source, n3);
    else {
      for (let k = n3; k > 0; k--, source += xs3, target += ys3) store<u8>(target, load<u8>(source));
    }
    if (++i2 == n2) {
      i2 = 0;
      if (++i1 == n1) { i1 = 0; i0++; }
    }
  }
}

/** `memory.copy` wins from about a kilobyte on; below, whole vectors and a last one that overlaps its neighbour. */
// @ts-ignore: decorator
@inline
function copyWords(source: usize, target: usize, count: i32): void {
  if (count >= 256) {
    memory.copy(target, source, <usize>count << 2);
    return;
  }
  if (count < 4) {
    for (; count > 0; count--, source += 4, target += 4) store<i32>(target, load<i32>(source));
    return;
  }
  const last = target + ((<usize>count - 4) << 2);
  const lastSource = source + ((<usize>count - 4) << 2);
  for (; target < last; source += 16, target += 16) v128.store(target, v128.load(source));
  v128.store(last, v128.load(lastSource));
}

// @ts-ignore: decorator
@inline
function fillWords(target: usize, bits: i32, count: i32): void {
  const value = i32x4.splat(bits);
  for (; count >= 4; count -= 4, target += 16) v128.store(target, value);
  for (; count > 0; count--, target += 4) store<i32>(target, bits);
}

/**
 * y[p, i, j] = x[p, i, j] over planes p, where x is contiguous along i and y along j: a transposition. `xs` is the stride of j in
 * x, `ys` that of i in y. A piece of work is a strip of 16 rows of y in one plane: one cache line of x is read whole.
 *
 *              x: i →                       y: j →
 *     j  a0 a1 a2 a3   (row j)         i  a0 b0 c0 d0   (row i)
 *     ↓  b0 b1 b2 b3   (row j+1)       ↓  a1 b1 c1 d1
 *        c0 c1 c2 c3                      a2 b2 c2 d2
 *        d0 d1 d2 d3                      a3 b3 c3 d3
 */
export function transposeTiles32(
  x: usize, y: usize, n1: i32, rows: i32, columns: i32,
  xs0: i32, xs1: i32, xs: i32, ys0: i32, ys1: i32, ys: i32,
  from: i32, to: i32,
): void {
  const strips = (rows + 15) >> 4;
  const xStep = xs << 2;
  const yStep = ys << 2;
  for (let unit = from; unit < to; unit++) {
    const plane = unit / strips;
    const top = (unit % strips) << 4;
    const bottom = top + 16 < rows ? top + 16 : rows;
    const i0 = plane / n1;
    const i1 = plane % n1;
    const xPlane = x + ((i0 * xs0 + i1 * xs1) << 2);
    const yPlane = y + ((i0 * ys0 + i1 * ys1) << 2);
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      let i = top;
      for (; i + 4 <= bottom; i += 4) {
        const at = xPlane + ((j * xs + i) << 2);
        const a = v128.load(at);
        const b = v128.load(at + xStep);
        const c = v128.load(at + 2 * xStep);
        const d = v128.load(at + 3 * xStep);
        const abLow = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23); // a0 b0 a1 b1
        const cdLow = i8x16.shuffle(c, d, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
        const abHigh = i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31); // a2 b2 a3 b3
        const cdHigh = i8x16.shuffle(c, d, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
        const out = yPlane + ((i * ys + j) << 2);
        v128.store(out, i8x16.shuffle(abLow, cdLow, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
        v128.store(out + yStep, i8x16.shuffle(abLow, cdLow, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
        v128.store(out + 2 * yStep, i8x16.shuffle(abHigh, cdHigh, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
        v128.store(out + 3 * yStep, i8x16.shuffle(abHigh, cdHigh, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
      }
      for (; i < bottom; i++) {
        const at = xPlane + ((j * xs + i) << 2);
        const out = yPlane + ((i * ys + j) << 2);
        store<i32>(out, load<i32>(at));
        store<i32>(out + 4, load<i32>(at + xStep));
        store<i32>(out + 8, load<i32>(at + 2 * xStep));
        store<i32>(out + 12, load<i32>(at + 3 * xStep));
      }
    }
    for (; j < columns; j++) {
      let at = xPlane + ((j * xs + top) << 2);
      let out = yPlane + ((top * ys + j) << 2);
      for (let i = top; i < bottom; i++, at += 4, out += yStep) store<i32>(out, load<i32>(at));
    }
  }
}

/** All bytes of a block. */
export function fillBytes(y: usize, value: i32, bytes: usize): void {
  memory.fill(y, <u8>value, bytes);
}

/** Vectors [from, to) of a block, 16 bytes each, as four times the word `bits`. */
export function fillWords32(y: usize, bits: i32, from: u32, to: u32): void {
  const value = i32x4.splat(bits);
  const end = y + (<usize>to << 4);
  for (y += <usize>from << 4; y < end; y += 16) v128.store(y, value);
}

/**
 * y[i0, i1, i2, i3] = x[…, index[i0, i1, i2, i3], …]: the chosen axis of x has stride `step`, the others their strides; `index` and
 * `y` are dense and of one shape. Rows [from, to) of the n0·n1·n2 rows of n3 elements, each of `1 << shift` bytes.
 */
export function gather(
  x: usize, index: usize, y: usize, n1: i32, n2: i32, n3: i32,
  xs0: i32, xs1: i32, xs2: i32, xs3: i32, step: i32, shift: i32,
  from: i32, to: i32,
): void {
  let i2 = from % n2;
  let i1 = (from / n2) % n1;
  let i0 = from / n2 / n1;
  let at = from * n3;
  for (let row = from; row < to; row++) {
    let source = i0 * xs0 + i1 * xs1 + i2 * xs2;
    if (shift == 2 && xs3 == 0 && step == 1) {
      selectWords(x + (source << 2), index + (at << 2), y + (at << 2), n3);
      at += n3;
    } else {
      for (let k = n3; k > 0; k--, at++, source += xs3) {
        const element = source + load<i32>(index + (at << 2)) * step;
        if (shift == 2) store<i32>(y + (at << 2), load<i32>(x + (element << 2)));
        else store<u8>(y + at, load<u8>(x + element));
      }
    }
    if (++i2 == n2) {
      i2 = 0;
      if (++i1 == n1) { i1 = 0; i0++; }
    }
  }
}

/**
 * dx[…, index[i], …] += dy[i], after the caller has filled dx with zeros. Elements are added in the order of `index`, so an element
 * that was gathered twice always sums its gradients in the same order.
 */
export function gatherGradInput(
  dy: usize, index: usize, dx: usize, n1: i32, n2: i32, n3: i32,
  xs0: i32, xs1: i32, xs2: i32, xs3: i32, step: i32,
  from: i32, to: i32,
): void {
  let i2 = from % n2;
  let i1 = (from / n2) % n1;
  let i0 = from / n2 / n1;
  let at = from * n3;
  for (let row = from; row < to; row++) {
    let source = i0 * xs0 + i1 * xs1 + i2 * xs2;
    for (let k = n3; k > 0; k--, at++, source += xs3) {
      const target = dx + ((source + load<i32>(index + (at << 2)) * step) << 2);
      store<f32>(target, load<f32>(target) + load<f32>(dy + (at << 2)));
    }
    if (++i2 == n2) {
      i2 = 0;
      if (++i1 == n1) { i1 = 0; i0++; }
    }
  }
}

/** y[k] = x[index[k]] for `count` words side by side. */
// @ts-ignore: decorator
@inline
function selectWords(x: usize, index: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4, index += 16, y += 16) {
    let words = v128.load32_zero(x + (load<u32>(index) << 2));
    words = v128.load32_lane(x + (load<u32>(index, 4) << 2), words, 1);
    words = v128.load32_lane(x + (load<u32>(index, 8) << 2), words, 2);
    v128.store(y, v128.load32_lane(x + (load<u32>(index, 12) << 2), words, 3));
  }
  for (; count > 0; count--, index += 4, y += 4) store<u32>(y, load<u32>(x + (load<u32>(index) << 2)));
}

/** The first of `count` places that is not in [0, size), or `count`. */
export function firstOutside(index: usize, count: u32, size: u32): u32 {
  const sizes = i32x4.splat(size);
  let at: u32 = 0;
  for (; at + 4 <= count; at += 4) {
    if (v128.any_true(i32x4.ge_u(v128.load(index + (<usize>at << 2)), sizes))) break;
  }
  while (at < count && load<u32>(index + (<usize>at << 2)) < size) at++;
  return at;
}

/** y[o, k, :] = x[o, index[k], :] with rows of `bytes` bytes: rows [from, to) of the outer·count rows. */
export function indexSelect(
  x: usize, index: usize, y: usize, size: i32, count: i32, bytes: usize,
  from: i32, to: i32,
): void {
  let k = from % count;
  let source = x + <usize>(from / count * size) * bytes;
  y += <usize>from * bytes;
  for (let row = from; row < to; k = 0, source += <usize>size * bytes) {
    const end = min(to, row + count - k);
    const places = index + (k << 2);
    if (bytes == 4) selectWords(source, places, y, end - row);
    else {
      for (let at = 0; at < end - row; at++) {
        const from = source + <usize>load<u32>(places + (at << 2)) * bytes;
        if (bytes & 3) memory.copy(y + <usize>at * bytes, from, bytes);
        else copyWords(from, y + <usize>at * bytes, <i32>(bytes >> 2));
      }
    }
    y += <usize>(end - row) * bytes;
    row = end;
  }
}

/**
 * dx[o, index[k], c] = Σ dy[o, k, c] over the k that chose that row, in the order of `index`. A piece of work is 64 columns of one
 * outer slice, cleared and summed by itself, so pieces write to disjoint places whatever the index holds.
 */
export function indexSelectGradInput(
  dy: usize, index: usize, dx: usize, size: i32, count: i32, inner: i32,
  from: i32, to: i32,
): void {
  const bands = (inner + 63) >> 6;
  for (let unit = from; unit < to; unit++) {
    const outer = unit / bands;
    const left = (unit % bands) << 6;
    const width = inner - left < 64 ? inner - left : 64;
    const target = dx + ((outer * size * inner + left) << 2);
    let source = dy + ((outer * count * inner + left) << 2);
    if (bands == 1) memory.fill(target, 0, <usize>(size * inner) << 2);
    else {
      for (let row = 0; row < size; row++) fillWords(target + ((row * inner) << 2), 0, width);
    }
    if (inner == 1) {
      for (let k = 0; k < count; k++, source += 4) {
        const at = target + (load<i32>(index + (k << 2)) << 2);
        store<f32>(at, load<f32>(at) + load<f32>(source));
      }
      continue;
    }
    for (let k = 0; k < count; k++, source += inner << 2) {
      const row = target + ((load<i32>(index + (k << 2)) * inner) << 2);
      let c = 0;
      for (; c + 4 <= width; c += 4) {
        const at = <usize>c << 2;
        v128.store(row + at, f32x4.add(v128.load(row + at), v128.load(source + at)));
      }
      for (; c < width; c++) {
        const at = <usize>c << 2;
        store<f32>(row + at, load<f32>(row + at) + load<f32>(source + at));
      }
    }
  }
}
