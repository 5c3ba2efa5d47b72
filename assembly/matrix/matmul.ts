/**
 * Products of many matrices: C[t] = act(Σ_r A[table[t,r,0]] · B[table[t,r,1]] + bias). The sum over r is that of a gradient
 * over the batches that an operand was broadcast to; forward has one term. How one product is computed stands in gemm.ts.
 *
 * One product is cut along the longer side of C into panels of 16 columns or 4 rows; units are the panels of all products.
 */
import { addToC, biasOfColumn, rectify } from "./how/gemmTile";
import { gemm, gemmScratch } from "./how/gemm";
import { rowsOfB } from "./how/gemmLayout";

export { columnsOfB, packB, packedB, panelsOfB, rowsOfB } from "./how/gemmLayout";

// @ts-ignore: decorator
@inline
function cutsColumns(M: u32, N: u32): bool {
  return N >= M;
}

/** The panels of one product: how many units `matmul` counts for each matrix of the output. */
export function matmulPanels(M: u32, N: u32): u32 {
  if (M == 0 || N == 0) return 0;
  return cutsColumns(M, N) ? (N + 15) >> 4 : (M + 3) >> 2;
}

/** Bytes of scratch that `matmul` takes. */
export function matmulScratch(M: u32, N: u32, K: u32): usize {
  return gemmScratch(M, N, K);
}

/**
 * A is a stack of [M, K] (transA: [K, M]), B of [K, N] or as `layoutB` says (gemmLayout.ts), C of [M, N]; `bias` is 0 or N numbers. `table`
 * holds `terms` pairs of u32 for each matrix of C: which of A, which of B; 0 stands for one product of the first two.
 */
export function matmul(
  a: usize, b: usize, bias: usize, c: usize, table: usize, terms: u32, M: u32, N: u32, K: u32,
  transA: u32, layoutB: u32, relu: u32, scratch: usize, from: u32, to: u32,
): void {
  const lda = transA ? M : K, ldb = layoutB == rowsOfB ? N : K;
  const panels = matmulPanels(M, N);
  const bytesA = (<usize>M) * K * 4, bytesB = (<usize>K) * N * 4, bytesC = (<usize>M) * N * 4;
  const final = (bias ? biasOfColumn : 0) | (relu ? rectify : 0);
  while (from < to) {
    const t = from / panels;
    const first = from - t * panels, last = min(panels, to - t * panels);
    let row: u32 = 0, rowEnd = M, col: u32 = 0, colEnd = N;
    if (cutsColumns(M, N)) {
      col = first << 4;
      colEnd = min(N, last << 4);
    } else {
      row = first << 2;
      rowEnd = min(M, last << 2);
    }
    const z = c + (<usize>t) * bytesC;
    if (terms == 0) {
      gemm(a, lda, transA != 0, b, ldb, layoutB, z, N, bias, final, M, N, 0, row, rowEnd, col, colEnd, scratch);
    }
    for (let r: u32 = 0; r < terms; r++) {
      const pair = table + (<usize>(t * terms + r)) * 8;
      const x = table ? a + bytesA * load<u32>(pair) : a;
      const y = table ? b + bytesB * load<u32>(pair, 4) : b;
      const finish = (r > 0 ? addToC : 0) | (r + 1 == terms ? final : 0);
      gemm(x, lda, transA != 0, y, ldb, layoutB, z, N, bias, finish, M, N, K, row, rowEnd, col, colEnd, scratch);
    }
    from = t * panels + last;
  }
}
