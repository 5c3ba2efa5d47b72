/**
 * A product of small matrices, of which packing and tiles of 2 × 16 would be most of the work: B is read in place, in tiles of 4 × 4.
 *
 *             b             4 accumulators, 4 splats, 1 vector of B
 *     a0 [   c0  ]
 *     a1 [   c1  ]          A row beyond the last is the last again, and a column beyond the last whatever lies there: neither is
 *     a2 [   c2  ]          stored.
 *     a3 [   c3  ]
 *
 * Each element is summed over k in order, from zero, so that it has the bits that `gemm` gives it.
 */
import { packTransposed16 } from "./gemmPack";
import { columnsOfB, panelsOfB } from "./gemmLayout";
import { addToC } from "./gemmTile";
import { madd, storeLanes } from "../../how/simd";

/** Whether it pays, and can be done: up to 64 elements in 16 columns, and nothing to finish but a sum with what C holds. */
// @ts-ignore: decorator
@inline
export function isSmall(M: u32, N: u32, K: u32, layoutB: u32, finish: u32): bool {
  return N <= 16 && M * N <= 64 && K <= 64 && layoutB != panelsOfB && (finish & ~addToC) == 0;
}

/** Steps are in bytes. B lies in rows, or in columns, which are then turned into `turned`, K · 64 bytes. */
export function smallProduct(
  a: usize, rowA: usize, stepA: usize, b: usize, strideB: usize, layoutB: u32, c: usize, strideC: usize,
  finish: u32, row: u32, rowEnd: u32, col: u32, colEnd: u32, K: u32, turned: usize,
): void {
  if (layoutB == columnsOfB) {
    packTransposed16(b + <usize>col * strideB, strideB, colEnd - col, K, turned);
    b = turned;
    strideB = 64;
  } else b += <usize>col << 2;
  for (let i = row; i < rowEnd; i += 4) {
    const a0 = a + <usize>i * rowA, last = a + <usize>(rowEnd - 1) * rowA;
    const by1 = min(a0 + rowA, last) - a0, by2 = min(a0 + 2 * rowA, last) - a0, by3 = min(a0 + 3 * rowA, last) - a0;
    const count = rowEnd - i;
    for (let j = col; j < colEnd; j += 4) {
      let x = a0, y = b + ((<usize>(j - col)) << 2);
      let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
      for (let k = K; k > 0; k--, x += stepA, y += strideB) {
        const v = v128.load(y);
        c0 = madd(v128.load32_splat(x), v, c0);
        c1 = madd(v128.load32_splat(x + by1), v, c1);
        c2 = madd(v128.load32_splat(x + by2), v, c2);
        c3 = madd(v128.load32_splat(x + by3), v, c3);
      }
      const to = c + <usize>i * strideC + ((<usize>j) << 2), left = colEnd - j;
      finishRow(to, c0, left, finish);
      if (count > 1) finishRow(to + strideC, c1, left, finish);
      if (count > 2) finishRow(to + 2 * strideC, c2, left, finish);
      if (count > 3) finishRow(to + 3 * strideC, c3, left, finish);
    }
  }
}

// @ts-ignore: decorator
@inline
function finishRow(to: usize, sums: v128, left: u32, finish: u32): void {
  storeLanes(to, finish & addToC ? f32x4.add(v128.load(to), sums) : sums, left);
}
