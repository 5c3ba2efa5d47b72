/**
 * The inner loops of a matrix product: C[rows × cols] (+)= A[rows × kc] · B[kc × cols] in tiles of 2 × 16.
 *
 *             b0     b1     b2     b3        8 accumulators, 2 splats, up to 3 vectors of B and the one that holds a product:
 *     a0 [   c0_0   c0_1   c0_2   c0_3  ]    14 of the 15 registers that V8 hands out.
 *     a1 [   c1_0   c1_1   c1_2   c1_3  ]
 *
 * B lies in packed panels of 16 columns, A in pairs of rows (gemmPack). Column panels outside, so that 16 columns of B (kc · 64
 * bytes) stay in L1 while the rows of A run past. Each element sums its products over k in order, from zero; so its bits depend
 * neither on its tile nor on its neighbours.
 *
 * Zen 3 begins four vector operations in a cycle and takes in six instructions: of the 24 in the 4 cycles of a step, 16 compute and 6
 * load, and 2 are left for everything else. So everything else is what there is to save, and it is written for V8:
 *
 * - Steps read B at fixed offsets from y, which cost nothing; adding to y in each of them costs a twentieth of the speed. An offset
 *   of x would cost an addition, because it is splat, so x moves. Eight steps share what else a loop has to do.
 * - The test between two steps ends the basic block. Without it Node 20 loads for all steps before it computes for one, the
 *   registers run out and the speed halves.
 * - `if (x == 0) break` in the middle of a step never breaks (no matrix lies at address 0). It parts the loads: six in a
 *   row, during which nothing new is computed, cost a tenth of the speed.
 * - The end is found by counting what is left, in eights, against constants. An address to compare with would be kept in memory, and
 *   loading it in each step costs another twentieth.
 * - The tile stands in the two loops around it, not in a function of its own: eight vectors would have to be handed on.
 */
import { madd } from "../../how/simd";

/** What happens to a finished sum: added to what C holds, then bias, then max(·, 0). */
export const addToC: u32 = 1;
export const biasOfColumn: u32 = 2;
export const biasOfRow: u32 = 4;
export const rectify: u32 = 8;

/**
 * Two rows of A lie side by side: a pair begins at `a + (i / 2) · aPanel`, and from one k to the next it is `aStep` bytes. That is A
 * packed (aStep 8), or a transposed A in place (aPanel 8, aStep its row). A row beyond the last is read and dropped.
 */
export function tiles(
  a: usize, aStep: usize, aPanel: usize, b: usize, c: usize, ldc: usize, bias: usize,
  rows: u32, cols: u32, kc: u32, finish: u32, tile: usize,
): void {
  for (let j: u32 = 0; j < cols; j += 16, b += (<usize>kc) << 6) {
    let panel = a;
    for (let i: u32 = 0; i < rows; i += 2, panel += aPanel) {
      let x = panel, y = b, left = kc;
      let c0_0 = f32x4.splat(0), c0_1 = f32x4.splat(0), c0_2 = f32x4.splat(0), c0_3 = f32x4.splat(0);
      let c1_0 = f32x4.splat(0), c1_1 = f32x4.splat(0), c1_2 = f32x4.splat(0), c1_3 = f32x4.splat(0);
      while (true) {
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4), b0 = v128.load(y);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x == 0) break;
          const b1 = v128.load(y, 16), b2 = v128.load(y, 32), b3 = v128.load(y, 48);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
          x += aStep;
          if (left == 1) break;
        }
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4), b0 = v128.load(y, 64);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x == 0) break;
          const b1 = v128.load(y, 80), b2 = v128.load(y, 96), b3 = v128.load(y, 112);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
          x += aStep;
          if (left == 2) break;
        }
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4), b0 = v128.load(y, 128);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x == 0) break;
          const b1 = v128.load(y, 144), b2 = v128.load(y, 160), b3 = v128.load(y, 176);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
          x += aStep;
          if (left == 3) break;
        }
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4), b0 = v128.load(y, 192);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x == 0) break;
          const b1 = v128.load(y, 208), b2 = v128.load(y, 224), b3 = v128.load(y, 240);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
          x += aStep;
          if (left == 4) break;
        }
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4), b0 = v128.load(y, 256);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x == 0) break;
          const b1 = v128.load(y, 272), b2 = v128.load(y, 288), b3 = v128.load(y, 304);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
          x += aStep;
          if (left == 5) break;
        }
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4), b0 = v128.load(y, 320);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x == 0) break;
          const b1 = v128.load(y, 336), b2 = v128.load(y, 352), b3 = v128.load(y, 368);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
          x += aStep;
          if (left == 6) break;
        }
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4), b0 = v128.load(y, 384);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x == 0) break;
          const b1 = v128.load(y, 400), b2 = v128.load(y, 416), b3 = v128.load(y, 432);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
          x += aStep;
          if (left == 7) break;
        }
        {
          const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x, 4), b0 = v128.load(y, 448);
          c0_0 = madd(a0, b0, c0_0); c1_0 = madd(a1, b0, c1_0);
          if (x == 0) break;
          const b1 = v128.load(y, 464), b2 = v128.load(y, 480), b3 = v128.load(y, 496);
          c0_1 = madd(a0, b1, c0_1); c1_1 = madd(a1, b1, c1_1); c0_2 = madd(a0, b2, c0_2);
          c1_2 = madd(a1, b2, c1_2); c0_3 = madd(a0, b3, c0_3); c1_3 = madd(a1, b3, c1_3);
          x += aStep;
          if (left == 8) break;
          y += 512; left -= 8;
        }
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
