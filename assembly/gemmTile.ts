/**
 * The inner loops of a matrix product: C[rows × cols] (+)= A[rows × kc] · B[kc × cols] in tiles of 2 × 16.
 *
 *             b0     b1     b2     b3        8 accumulators, 2 splats, up to 3 vectors of B and the one that holds a product:
 *     a0 [   c0_0   c0_1   c0_2   c0_3  ]    14 of the 15 registers that V8 hands out.
 *     a1 [   c1_0   c1_1   c1_2   c1_3  ]
 *
 * Loads and exit tests stand where they do for the sake of V8, which puts every load of a basic block before its arithmetic:
 *
 * - The test between two steps ends the basic block. Without it the loads of the second step join those of the first, the
 *   registers run out and the speed halves.
 * - `if (x == 0) break` in the middle of a step never breaks (no matrix lies at address 0). It keeps loads among the arithmetic: a
 *   burst of six loads before sixteen alternating products and sums costs a tenth of the speed on Zen 3.
 * - `end` moves along with the rows, for V8 would compute a sum of two constants anew in each step behind such a test.
 * - The tile stands in the two loops around it, not in a function of its own: eight vectors would have to be handed on.
 *
 * Loop order: column panels outside, so that 16 columns of B (kc · 64 bytes) stay in L1 while the rows of A run past.
 * Each element sums its products over k in order, from zero; so its bits depend neither on its tile nor on its neighbours.
 */
import { madd } from "./simd";

/** What happens to a finished sum: added to what C holds, then bias, then max(·, 0). */
export const addToC: u32 = 1;
export const biasOfColumn: u32 = 2;
export const biasOfRow: u32 = 4;
export const rectify: u32 = 8;

/**
 * A is row-major, read in place: row i begins at `a + i · lda` (bytes), so a tile follows two row pointers. A tile that
 * hangs over the last row reads it twice.
 */
export function tilesOfRows(
  a: usize, lda: usize, b: usize, bStep: usize, bPanel: usize, c: usize, ldc: usize, bias: usize,
  rows: u32, cols: u32, kc: u32, finish: u32, tile: usize,
): void {
  const length = (<usize>kc) << 2;
  for (let j: u32 = 0; j < cols; j += 16, b += bPanel) {
    let row = a, end = a + length;
    for (let i: u32 = 0; i < rows; i += 2, row += 2 * lda, end += 2 * lda) {
      let x0 = row, x1 = i + 1 < rows ? row + lda : row, y = b;
      let c0_0 = f32x4.splat(0), c0_1 = f32x4.splat(0), c0_2 = f32x4.splat(0), c0_3 = f32x4.splat(0);
      let c1_0 = f32x4.splat(0), c1_1 = f32x4.splat(0), c1_2 = f32x4.splat(0), c1_3 = f32x4.splat(0);
      while (true) {
        {
          const a0 = v128.load32_splat(x0), a1 = v128.load32_splat(x1);
          const b0 = v128.load(y);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x0 == 0) break;
          const b1 = v128.load(y, 16), b2 = v128.load(y, 32), b3 = v128.load(y, 48);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
        }
        y += bStep; x0 += 4; x1 += 4;
        if (x0 == end) break;
        {
          const a0 = v128.load32_splat(x0), a1 = v128.load32_splat(x1);
          const b0 = v128.load(y);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x0 == 0) break;
          const b1 = v128.load(y, 16), b2 = v128.load(y, 32), b3 = v128.load(y, 48);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
        }
        y += bStep; x0 += 4; x1 += 4;
        if (x0 == end) break;
      }
      const to = c + (<usize>i) * ldc + ((<usize>j) << 2);
      if (i + 2 <= rows && j + 16 <= cols) {
        finishVectors(to, bias, i, j, finish, c0_0, c0_1, c0_2, c0_3);
        finishVectors(to + ldc, bias, i + 1, j, finish, c1_0, c1_1, c1_2, c1_3);
      } else {
        storeVectors(tile, c0_0, c0_1, c0_2, c0_3);
        storeVectors(tile + 64, c1_0, c1_1, c1_2, c1_3);
        finishEdge(tile, to, ldc, bias, i, j, min<u32>(2, rows - i), min<u32>(16, cols - j), finish);
      }
    }
  }
}

/**
 * Two rows of A lie side by side: a pair begins at `a + (i / 2) · aPanel`, and from one k to the next it is `aStep` bytes. That is A
 * packed (aStep 8), or a transposed A in place (aPanel 8, aStep its row). A row beyond the last is read and dropped.
 */
export function tilesOfColumns(
  a: usize, aStep: usize, aPanel: usize, b: usize, bStep: usize, bPanel: usize, c: usize, ldc: usize, bias: usize,
  rows: u32, cols: u32, kc: u32, finish: u32, tile: usize,
): void {
  const length = (<usize>kc) * aStep;
  for (let j: u32 = 0; j < cols; j += 16, b += bPanel) {
    let panel = a, end = a + length;
    for (let i: u32 = 0; i < rows; i += 2, panel += aPanel, end += aPanel) {
      let x = panel, y = b;
      let c0_0 = f32x4.splat(0), c0_1 = f32x4.splat(0), c0_2 = f32x4.splat(0), c0_3 = f32x4.splat(0);
      let c1_0 = f32x4.splat(0), c1_1 = f32x4.splat(0), c1_2 = f32x4.splat(0), c1_3 = f32x4.splat(0);
      while (true) {
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4);
          const b0 = v128.load(y);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x == 0) break;
          const b1 = v128.load(y, 16), b2 = v128.load(y, 32), b3 = v128.load(y, 48);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
        }
        y += bStep; x += aStep;
        if (x == end) break;
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4);
          const b0 = v128.load(y);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x == 0) break;
          const b1 = v128.load(y, 16), b2 = v128.load(y, 32), b3 = v128.load(y, 48);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
        }
        y += bStep; x += aStep;
        if (x == end) break;
      }
      const to = c + (<usize>i) * ldc + ((<usize>j) << 2);
      if (i + 2 <= rows && j + 16 <= cols) {
        finishVectors(to, bias, i, j, finish, c0_0, c0_1, c0_2, c0_3);
        finishVectors(to + ldc, bias, i + 1, j, finish, c1_0, c1_1, c1_2, c1_3);
      } else {
        storeVectors(tile, c0_0, c0_1, c0_2, c0_3);
        storeVectors(tile + 64, c1_0, c1_1, c1_2, c1_3);
        finishEdge(tile, to, ldc, bias, i, j, min<u32>(2, rows - i), min<u32>(16, cols - j), finish);
      }
    }
  }
}

/** Finishes 16 sums of one row and stores them at `to`. */
// @ts-ignore: decorator
@inline
function finishVectors(
  to: usize, bias: usize, i: u32, j: u32, finish: u32, s0: v128, s1: v128, s2: v128, s3: v128,
): void {
  if (finish) {
    if (finish & addToC) {
      s0 = f32x4.add(v128.load(to), s0);
      s1 = f32x4.add(v128.load(to, 16), s1);
      s2 = f32x4.add(v128.load(to, 32), s2);
      s3 = f32x4.add(v128.load(to, 48), s3);
    }
    if (finish & biasOfColumn) {
      const at = bias + ((<usize>j) << 2);
      s0 = f32x4.add(s0, v128.load(at));
      s1 = f32x4.add(s1, v128.load(at, 16));
      s2 = f32x4.add(s2, v128.load(at, 32));
      s3 = f32x4.add(s3, v128.load(at, 48));
    }
    if (finish & biasOfRow) {
      const v = v128.load32_splat(bias + ((<usize>i) << 2));
      s0 = f32x4.add(s0, v);
      s1 = f32x4.add(s1, v);
      s2 = f32x4.add(s2, v);
      s3 = f32x4.add(s3, v);
    }
    if (finish & rectify) {
      const zero = f32x4.splat(0);
      s0 = f32x4.pmax(s0, zero);
      s1 = f32x4.pmax(s1, zero);
      s2 = f32x4.pmax(s2, zero);
      s3 = f32x4.pmax(s3, zero);
    }
  }
  storeVectors(to, s0, s1, s2, s3);
}

// @ts-ignore: decorator
@inline
function storeVectors(to: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  v128.store(to, s0);
  v128.store(to, s1, 16);
  v128.store(to, s2, 32);
  v128.store(to, s3, 48);
}

/** Finishes the part of a tile that lies inside C, one number at a time but by the very operations of `finishVectors`. */
function finishEdge(
  tile: usize, to: usize, ldc: usize, bias: usize, i: u32, j: u32, rows: u32, cols: u32, finish: u32,
): void {
  for (let row: u32 = 0; row < rows; row++, tile += 64, to += ldc) {
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
