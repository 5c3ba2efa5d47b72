/**
 * The inner loops of a matrix product: C[rows × cols] (+)= A[rows × kc] · B[kc × cols] in tiles of 4 × 8.
 *
 *            b0        b1           8 accumulators, 4 splats and 2 vectors are 14 live vectors; with the one that holds
 *     a0 [ c0_0      c0_1 ]         a product they fill the 15 registers that V8 hands out. Every load of a step stands
 *     a1 [ c1_0      c1_1 ]         before its first product, where V8 would put it anyway.
 *     a2 [ c2_0      c2_1 ]
 *     a3 [ c3_0      c3_1 ]         k runs in steps of one, two to a round with an exit test between: the test ends the
 *                                   basic block. Without it V8 hoists the loads of the second step above the first, runs
 * out of registers and halves the speed. The tile stands in the two loops around it, not in a function of its own, for the
 * same reason: it takes registers and time to hand 8 vectors on.
 *
 * Loop order: column panels outside, so that 8 columns of B (kc · 32 bytes) stay in L1 while the rows of A run past.
 * Each element sums its products over k in order, from zero; so its bits depend neither on its tile nor on its neighbours.
 */
import { madd } from "./simd";

/** What happens to a finished sum: added to what C holds, then bias, then max(·, 0). All vectors of a tile take one path. */
const addToC: u32 = 1;
const biasOfColumn: u32 = 2;
const biasOfRow: u32 = 4;
const rectify: u32 = 8;
export { addToC, biasOfColumn, biasOfRow, rectify };

/**
 * A is row-major, read in place: row i begins at `a + i · lda` (bytes), so a tile follows four row pointers. A tile that
 * hangs over the last row reads that row in place of the missing ones.
 */
export function tilesOfRows(
  a: usize, lda: usize, b: usize, bStep: usize, bPanel: usize, c: usize, ldc: usize, bias: usize,
  rows: u32, cols: u32, kc: u32, finish: u32, tile: usize,
): void {
  const length = (<usize>kc) << 2;
  for (let j: u32 = 0; j < cols; j += 8, b += bPanel) {
    for (let i: u32 = 0; i < rows; i += 4) {
      let x0 = a + (<usize>i) * lda;
      let x1 = i + 1 < rows ? x0 + lda : x0;
      let x2 = i + 2 < rows ? x1 + lda : x0;
      let x3 = i + 3 < rows ? x2 + lda : x0;
      let y = b;
      const end = x0 + length;
      let c0_0 = f32x4.splat(0), c0_1 = f32x4.splat(0), c1_0 = f32x4.splat(0), c1_1 = f32x4.splat(0);
      let c2_0 = f32x4.splat(0), c2_1 = f32x4.splat(0), c3_0 = f32x4.splat(0), c3_1 = f32x4.splat(0);
      while (true) {
        {
          const a0 = v128.load32_splat(x0), a1 = v128.load32_splat(x1);
          const a2 = v128.load32_splat(x2), a3 = v128.load32_splat(x3);
          const b0 = v128.load(y), b1 = v128.load(y, 16);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0); c2_0 = madd(a2, b0, c2_0); c3_0 = madd(a3, b0, c3_0);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c2_1 = madd(a2, b1, c2_1); c3_1 = madd(a3, b1, c3_1);
        }
        y += bStep; x0 += 4; x1 += 4; x2 += 4; x3 += 4;
        if (x0 == end) break;
        {
          const a0 = v128.load32_splat(x0), a1 = v128.load32_splat(x1);
          const a2 = v128.load32_splat(x2), a3 = v128.load32_splat(x3);
          const b0 = v128.load(y), b1 = v128.load(y, 16);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0); c2_0 = madd(a2, b0, c2_0); c3_0 = madd(a3, b0, c3_0);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c2_1 = madd(a2, b1, c2_1); c3_1 = madd(a3, b1, c3_1);
        }
        y += bStep; x0 += 4; x1 += 4; x2 += 4; x3 += 4;
        if (x0 == end) break;
      }
      const to = c + (<usize>i) * ldc + ((<usize>j) << 2);
      if (i + 4 <= rows && j + 8 <= cols) {
        finishVectors(to, bias, i, j, 0, finish, c0_0, c0_1);
        finishVectors(to + ldc, bias, i, j, 1, finish, c1_0, c1_1);
        finishVectors(to + 2 * ldc, bias, i, j, 2, finish, c2_0, c2_1);
        finishVectors(to + 3 * ldc, bias, i, j, 3, finish, c3_0, c3_1);
      } else {
        storeTile(tile, c0_0, c0_1, c1_0, c1_1, c2_0, c2_1, c3_0, c3_1);
        finishEdge(tile, to, ldc, bias, i, j, min<u32>(4, rows - i), min<u32>(8, cols - j), finish);
      }
    }
  }
}

/**
 * Four rows of A lie side by side: row i at `a + (i / 4) · aPanel`, from one k to the next `aStep` bytes. That is A packed
 * (aStep 16), or a transposed A in place (aPanel 16, aStep its row). Rows beyond the last are read and dropped.
 */
export function tilesOfColumns(
  a: usize, aStep: usize, aPanel: usize, b: usize, bStep: usize, bPanel: usize, c: usize, ldc: usize, bias: usize,
  rows: u32, cols: u32, kc: u32, finish: u32, tile: usize,
): void {
  const length = (<usize>kc) * aStep;
  for (let j: u32 = 0; j < cols; j += 8, b += bPanel) {
    let x = a;
    for (let i: u32 = 0; i < rows; i += 4) {
      let y = b;
      const end = x + length;
      const next = x + aPanel;
      let c0_0 = f32x4.splat(0), c0_1 = f32x4.splat(0), c1_0 = f32x4.splat(0), c1_1 = f32x4.splat(0);
      let c2_0 = f32x4.splat(0), c2_1 = f32x4.splat(0), c3_0 = f32x4.splat(0), c3_1 = f32x4.splat(0);
      while (true) {
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4);
          const a2 = v128.load32_splat(x, 8), a3 = v128.load32_splat(x, 12);
          const b0 = v128.load(y), b1 = v128.load(y, 16);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0); c2_0 = madd(a2, b0, c2_0); c3_0 = madd(a3, b0, c3_0);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c2_1 = madd(a2, b1, c2_1); c3_1 = madd(a3, b1, c3_1);
        }
        y += bStep; x += aStep;
        if (x == end) break;
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4);
          const a2 = v128.load32_splat(x, 8), a3 = v128.load32_splat(x, 12);
          const b0 = v128.load(y), b1 = v128.load(y, 16);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0); c2_0 = madd(a2, b0, c2_0); c3_0 = madd(a3, b0, c3_0);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c2_1 = madd(a2, b1, c2_1); c3_1 = madd(a3, b1, c3_1);
        }
        y += bStep; x += aStep;
        if (x == end) break;
      }
      x = next;
      const to = c + (<usize>i) * ldc + ((<usize>j) << 2);
      if (i + 4 <= rows && j + 8 <= cols) {
        finishVectors(to, bias, i, j, 0, finish, c0_0, c0_1);
        finishVectors(to + ldc, bias, i, j, 1, finish, c1_0, c1_1);
        finishVectors(to + 2 * ldc, bias, i, j, 2, finish, c2_0, c2_1);
        finishVectors(to + 3 * ldc, bias, i, j, 3, finish, c3_0, c3_1);
      } else {
        storeTile(tile, c0_0, c0_1, c1_0, c1_1, c2_0, c2_1, c3_0, c3_1);
        finishEdge(tile, to, ldc, bias, i, j, min<u32>(4, rows - i), min<u32>(8, cols - j), finish);
      }
    }
  }
}

/** Finishes 8 sums of one row and stores them at `to`. */
// @ts-ignore: decorator
@inline
function finishVectors(to: usize, bias: usize, i: u32, j: u32, row: u32, finish: u32, s0: v128, s1: v128): void {
  if (finish) {
    if (finish & addToC) {
      s0 = f32x4.add(v128.load(to), s0);
      s1 = f32x4.add(v128.load(to, 16), s1);
    }
    if (finish & biasOfColumn) {
      const at = bias + ((<usize>j) << 2);
      s0 = f32x4.add(s0, v128.load(at));
      s1 = f32x4.add(s1, v128.load(at, 16));
    }
    if (finish & biasOfRow) {
      const v = v128.load32_splat(bias + ((<usize>(i + row)) << 2));
      s0 = f32x4.add(s0, v);
      s1 = f32x4.add(s1, v);
    }
    if (finish & rectify) {
      s0 = f32x4.pmax(s0, f32x4.splat(0));
      s1 = f32x4.pmax(s1, f32x4.splat(0));
    }
  }
  v128.store(to, s0);
  v128.store(to, s1, 16);
}

// @ts-ignore: decorator
@inline
function storeTile(
  tile: usize, c0_0: v128, c0_1: v128, c1_0: v128, c1_1: v128, c2_0: v128, c2_1: v128, c3_0: v128, c3_1: v128,
): void {
  v128.store(tile, c0_0); v128.store(tile, c0_1, 16);
  v128.store(tile, c1_0, 32); v128.store(tile, c1_1, 48);
  v128.store(tile, c2_0, 64); v128.store(tile, c2_1, 80);
  v128.store(tile, c3_0, 96); v128.store(tile, c3_1, 112);
}

/** Finishes the part of a tile that lies inside C, one number at a time but by the very operations of `finishVectors`. */
function finishEdge(
  tile: usize, to: usize, ldc: usize, bias: usize, i: u32, j: u32, rows: u32, cols: u32, finish: u32,
): void {
  for (let row: u32 = 0; row < rows; row++, tile += 32, to += ldc) {
    for (let col: u32 = 0; col < cols; col++) {
      const at = (<usize>col) << 2;
      finishOne(to + at, load<f32>(tile + at), bias, i + row, j + col, finish);
    }
  }
}

/** The same for one sum; shared with the matrix–vector path. */
// @ts-ignore: decorator
@inline
export function finishOne(to: usize, sum: f32, bias: usize, i: u32, j: u32, finish: u32): void {
  if (finish & addToC) sum = load<f32>(to) + sum;
  if (finish & biasOfColumn) sum += load<f32>(bias + ((<usize>j) << 2));
  if (finish & biasOfRow) sum += load<f32>(bias + ((<usize>i) << 2));
  if (finish & rectify) sum = sum < 0 ? 0 : sum;
  store<f32>(to, sum);
}
