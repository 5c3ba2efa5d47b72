/**
 * y[j] = Σ_k x[k] · B[k,j]: one row (or column) of a matrix product, reading B once and in place.
 *
 * Each element is summed in the order of `gemm` (block by block of k, in order within), for a row must have the bits that
 * it has in a batch. So the lanes of a vector are columns, and k runs in time. Where B is stored transposed, 4 × 4 numbers
 * are turned in registers; two groups of 4 columns go side by side, so that the sums of one fill the wait for the other.
 * Three or four groups have no gain: V8 keeps some of their sums in memory.
 */
import { columnsOfB, panelOfB, panelsOfB, rowsOfB, sumLength } from "./gemmLayout";
import { addToC, finishOne } from "./gemmTile";
import { interleaveHigh, interleaveLow, joinHigh, joinLow, madd } from "../../how/simd";

/** Columns of B that are summed at a time where it lies in rows: their sums are 4 KB. */
const stripColumns: u32 = 1024;

/**
 * The elements [from, to) of y. x[k] is at `x + k · stepX`; row k of B (row j of a transposed B) at `b + k · strideB`; y[j] at
 * `y + j · stepY`: all in bytes. In C, y is the row `index` or, where `asColumn`, the column. `sums` is scratch: 64 bytes, and 4 for
 * each column, up to 4 KB.
 */
export function vectorTimesMatrix(
  x: usize, stepX: usize, b: usize, strideB: usize, layoutB: u32, y: usize, stepY: usize, bias: usize, finish: u32,
  N: u32, K: u32, index: u32, from: u32, to: u32, asColumn: bool, sums: usize,
): void {
  const blockK = sumLength(K);
  const final = finish & ~addToC;
  const transB = layoutB == columnsOfB;
  const wide = layoutB == rowsOfB && to - from >= 64;
  for (let j = from; j < to; ) {
    const turned = transB && to - j >= 8;
    const count: u32 = transB ? (turned ? 8 : 1) : min<u32>(wide ? stripColumns : 16, to - j);
    for (let k: u32 = 0; k < K; k += blockK) {
      const kc = min(blockK, K - k);
      const xk = x + (<usize>k) * stepX;
      const bk = transB ? b + (<usize>j) * strideB + ((<usize>k) << 2) : b + (<usize>k) * strideB + ((<usize>j) << 2);
      if (layoutB == panelsOfB) sumColumns(xk, stepX, panelOfB(b, N, j, k, kc), 64, kc, sums);
      else if (wide) sumRows(xk, stepX, bk, strideB, kc, sums, count);
      else if (!transB) sumColumns(xk, stepX, bk, strideB, kc, sums);
      else if (turned) sumTurned(xk, stepX, bk, strideB, kc, sums);
      else store<f32>(sums, sumOne(xk, stepX, bk, kc, 0));
      const step = (k == 0 ? finish & addToC : addToC) | (k + kc == K ? final : 0);
      for (let i: u32 = 0; i < count; i++) {
        const sum = load<f32>(sums + ((<usize>i) << 2)), at = y + (<usize>(j + i)) * stepY;
        if (asColumn) finishOne(at, sum, bias, j + i, index, step);
        else finishOne(at, sum, bias, index, j + i, step);
      }
    }
    j += count;
  }
}

/**
 * Up to `stripColumns` columns of a row-major B, four rows at a time: whole cache lines are read, one behind the other in each of four rows,
 * and the sums wait in L1. (Sixteen columns over all rows would read one line of each, a page apart.)
 */
function sumRows(x: usize, stepX: usize, b: usize, strideB: usize, kc: u32, sums: usize, count: u32): void {
  const end = sums + (<usize>((count + 3) & ~3) << 2);
  memory.fill(sums, 0, end - sums);
  let left = kc;
  for (; left >= 4; left -= 4, x += stepX << 2, b += strideB << 2) {
    const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x + stepX);
    const x2 = v128.load32_splat(x + 2 * stepX), x3 = v128.load32_splat(x + 3 * stepX);
    let row = b;
    for (let at = sums; at < end; at += 16, row += 16) {
      let c = madd(x0, v128.load(row), v128.load(at));
      c = madd(x1, v128.load(row + strideB), c);
      c = madd(x2, v128.load(row + 2 * strideB), c);
      v128.store(at, madd(x3, v128.load(row + 3 * strideB), c));
    }
  }
  for (; left > 0; left--, x += stepX, b += strideB) {
    const v = v128.load32_splat(x);
    let row = b;
    for (let at = sums; at < end; at += 16, row += 16) v128.store(at, madd(v, v128.load(row), v128.load(at)));
  }
}

/** 16 columns of a row-major B; those beyond the last are whatever lies there. */
function sumColumns(x: usize, stepX: usize, b: usize, strideB: usize, kc: u32, sums: usize): void {
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
  for (const end = x + (<usize>kc) * stepX; x != end; x += stepX, b += strideB) {
    const v = v128.load32_splat(x);
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    c0 = madd(v, b0, c0);
    c1 = madd(v, b1, c1);
    c2 = madd(v, b2, c2);
    c3 = madd(v, b3, c3);
  }
  v128.store(sums, c0);
  v128.store(sums, c1, 16);
  v128.store(sums, c2, 32);
  v128.store(sums, c3, 48);
}

/** 8 columns of a transposed B. The test between the groups never breaks; it ends the basic block, as in gemmTile. */
function sumTurned(x: usize, stepX: usize, b: usize, strideB: usize, kc: u32, sums: usize): void {
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0);
  const group = strideB << 2, step = stepX << 2;
  let at = b;
  for (const end = b + ((<usize>(kc & ~3)) << 2); at != end; at += 16, x += step) {
    c0 = addTurned(x, stepX, at, strideB, c0);
    if (x == 0) break;
    c1 = addTurned(x, stepX, at + group, strideB, c1);
  }
  v128.store(sums, c0);
  v128.store(sums, c1, 16);
  if (kc & 3) {
    for (let j: u32 = 0; j < 8; j++, at += strideB) {
      const slot = sums + ((<usize>j) << 2);
      store<f32>(slot, sumOne(x, stepX, at, kc & 3, load<f32>(slot)));
    }
  }
}

/** c + x[0] · (column 0 of 4 rows) + … + x[3] · (column 3), in this order. */
// @ts-ignore: decorator
@inline
function addTurned(x: usize, stepX: usize, b: usize, strideB: usize, c: v128): v128 {
  const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x + stepX);
  const x2 = v128.load32_splat(x + 2 * stepX), x3 = v128.load32_splat(x + 3 * stepX);
  const r0 = v128.load(b), r1 = v128.load(b + strideB), r2 = v128.load(b + 2 * strideB), r3 = v128.load(b + 3 * strideB);
  const low01 = interleaveLow(r0, r1), high01 = interleaveHigh(r0, r1);
  const low23 = interleaveLow(r2, r3), high23 = interleaveHigh(r2, r3);
  c = madd(x0, joinLow(low01, low23), c);
  c = madd(x1, joinHigh(low01, low23), c);
  c = madd(x2, joinLow(high01, high23), c);
  return madd(x3, joinHigh(high01, high23), c);
}

/** sum + Σ x[k] · b[k], in order. */
function sumOne(x: usize, stepX: usize, b: usize, kc: u32, sum: f32): f32 {
  for (const end = b + ((<usize>kc) << 2); b != end; b += 4, x += stepX) sum += load<f32>(x) * load<f32>(b);
  return sum;
}
