/**
 * C[m,n] = act(Σ_k A[m,k] · B[k,n] + bias), any of A and B stored transposed.
 *
 *     for 1024 columns of C                          B block, packed: L2/L3
 *       for kc ≤ 256 of K                            the k of one packed block
 *         for 128 rows of C                          A block, packed: 128 KiB, L2
 *           for 16 columns                           B panel: 16 KiB, L1
 *             for 2 rows: tile over kc               8 accumulators in registers
 *
 * The same bits wherever an element stands: it is the sum, in order of k, of its products within each block of k, from
 * zero; blocks are added up in order; then comes the bias. The blocks of k depend on K alone, and packing only moves
 * numbers. So rows and columns may be cut anywhere (among threads, in batches), and a row has the bits that it has alone.
 */
import { columnsOfB, panelOfB, panelSlack, panelsOfB, rowsOfB, sumLength } from "./gemmLayout";
import { packCopy16, packCopy2, packTransposed16, packTransposed2 } from "./gemmPack";
import { addToC, biasOfColumn, finishOne, tiles } from "./gemmTile";
import { isSmall, smallProduct } from "./gemmSmall";
import { vectorTimesMatrix } from "./gemv";

const columnBlock: u32 = 1024;
const rowBlock: u32 = 128;
/** For a tile that hangs over the edge of C. */
const tileBytes: usize = 128;

/**
 * Rows of a transposed A lie in pairs already, and are read in place while they stay in L1: steps of a power of two soon fall into
 * one set of it.
 */
// @ts-ignore: decorator
@inline
function packsA(M: u32, K: u32, transA: bool): bool {
  return !transA || <u64>M * K > 8192;
}

/** Bytes of scratch that `gemm` takes for a product of this size. */
export function gemmScratch(M: u32, N: u32, K: u32): usize {
  const kc = <usize>sumLength(K);
  const a = (<usize>min(M + 7, rowBlock)) * kc * 4;
  const b = (<usize>min(N + 15, columnBlock)) * kc * 4;
  return tileBytes + a + b + 2 * panelSlack;
}

/**
 * The rows [row, rowEnd) and columns [col, colEnd) of C. A is [M, K] (transA: [K, M]), B as `layoutB` says, C [M, N],
 * each with its row length in elements. `finish` says what is done with a sum (see gemmTile). M, N and K are those of the
 * whole product. `col` is best a multiple of 16 and `row` of 2, or an edge is computed in narrow tiles;
 * with a packed B `col` has to be one.
 * May read, and ignore, up to 64 bytes behind A, B and bias.
 */
export function gemm(
  a: usize, lda: u32, transA: bool, b: usize, ldb: u32, layoutB: u32, c: usize, ldc: u32, bias: usize, finish: u32,
  M: u32, N: u32, K: u32, row: u32, rowEnd: u32, col: u32, colEnd: u32, scratch: usize,
): void {
  if (row >= rowEnd || col >= colEnd) return;
  if (K == 0) return emptySums(c, ldc, bias, finish, row, rowEnd, col, colEnd);
  const strideA = (<usize>lda) << 2, strideB = (<usize>ldb) << 2, strideC = (<usize>ldc) << 2;
  if (isSmall(M, N, K, layoutB, finish)) {
    smallProduct(
      a, transA ? 4 : strideA, transA ? strideA : 4, b, strideB, layoutB, c, strideC,
      finish, row, rowEnd, col, colEnd, K, scratch + tileBytes,
    );
    return;
  }
  if (M <= 3) {
    for (let i = row; i < rowEnd; i++) {
      vectorTimesMatrix(
        transA ? a + ((<usize>i) << 2) : a + (<usize>i) * strideA, transA ? strideA : 4, b, strideB, layoutB,
        c + (<usize>i) * strideC, 4, bias, finish, N, K, i, col, colEnd, false, scratch,
      );
    }
    return;
  }
  if (N == 1 && layoutB != panelsOfB) {
    // A column is the product of its transposed: the same numbers are multiplied and added in the same order.
    vectorTimesMatrix(
      b, layoutB == columnsOfB ? 4 : strideB, a, strideA, transA ? rowsOfB : columnsOfB, c, strideC, bias, finish,
      M, K, 0, row, rowEnd, true, scratch,
    );
    return;
  }

  const packedA = packsA(M, K, transA);
  const blockK = sumLength(K);
  const tile = scratch;
  const panelsB = scratch + tileBytes;
  const panelsA = panelsB + (<usize>((min(colEnd - col, columnBlock) + 15) & ~15)) * blockK * 4 + panelSlack;
  const final = finish & ~addToC;
  for (let j = col; j < colEnd; j += columnBlock) {
    const cols = min(columnBlock, colEnd - j);
    for (let k: u32 = 0; k < K; k += blockK) {
      const kc = min(blockK, K - k);
      const step = (k == 0 ? finish & addToC : addToC) | (k + kc == K ? final : 0);
      let y = panelsB;
      if (layoutB == panelsOfB) y = panelOfB(b, N, j, k, kc);
      else if (layoutB == columnsOfB) packTransposed16(b + (<usize>j) * strideB + ((<usize>k) << 2), strideB, cols, kc, y);
      else packCopy16(b + (<usize>k) * strideB + ((<usize>j) << 2), strideB, cols, kc, y);
      for (let i = row; i < rowEnd; i += rowBlock) {
        const rows = min(rowBlock, rowEnd - i);
        const x = transA ? a + (<usize>k) * strideA + ((<usize>i) << 2) : a + (<usize>i) * strideA + ((<usize>k) << 2);
        const z = c + (<usize>i) * strideC + ((<usize>j) << 2);
        const biasHere = bias + ((<usize>(finish & biasOfColumn ? j : i)) << 2);
        if (packedA) {
          if (transA) packCopy2(x, strideA, rows, kc, panelsA);
          else packTransposed2(x, strideA, rows, kc, panelsA);
          tiles(panelsA, 8, (<usize>kc) << 3, y, z, strideC, biasHere, rows, cols, kc, step, tile);
        } else {
          tiles(x, strideA, 8, y, z, strideC, biasHere, rows, cols, kc, step, tile);
        }
      }
    }
  }
}

/** A sum of nothing is zero. */
function emptySums(
  c: usize, ldc: u32, bias: usize, finish: u32, row: u32, rowEnd: u32, col: u32, colEnd: u32,
): void {
  for (let i = row; i < rowEnd; i++) {
    for (let j = col; j < colEnd; j++) finishOne(c + (((<usize>i) * ldc + j) << 2), 0, bias, i, j, finish);
  }
}
