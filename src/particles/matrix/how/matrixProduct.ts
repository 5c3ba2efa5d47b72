/** What matmul and linear have in common: one call for a product, or for a stack of them. */
import { columnsOfB, panelsOfB, rowsOfB } from "../../../engine/generated/border.ts";
import { kernels } from "../../../engine/generated/matrix.ts";
import { parallelWithScratch } from "../../../engine/parallel.ts";
import { threadCount, threadsAtHand } from "../../../engine/threads.ts";
import { scratchFor } from "../../../engine/workspace.ts";

export interface MatrixProduct {
  /** Rows and columns of C, and the length of its sums. */
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** A is stored as [K, M] in place of [M, K]. */
  readonly transA?: boolean;
  /** B is stored as [N, K] in place of [K, N]. */
  readonly transB?: boolean;
  /** B is what `kernels.packB` made of a [N, K]. */
  readonly packedB?: boolean;
  /** The address of N numbers that are added to each row of C. */
  readonly bias?: number;
  /** Whether C becomes max(C, 0) on its way to memory. */
  readonly relu?: boolean;
  /** How many matrices C is a stack of. */
  readonly count?: number;
  /** The address of `terms` pairs of u32 for each matrix of C: which of the A and which of the B to multiply. */
  readonly table?: number;
  /** How many products each matrix of C is the sum of. */
  readonly terms?: number;
}

/** Floating-point operations that one thread does in about 25 µs. */
const grainFlops = 2 ** 20;
/** Each piece packs its own copy of the shorter side, so there shall not be more pieces than threads have use for. */
const mostPieces = 16;

/** C = A · B (+ bias, max with 0), from and to the addresses given, cut into panels of C for the threads. */
export function multiply(
  a: number,
  b: number,
  c: number,
  {
    M,
    N,
    K,
    transA = false,
    transB = false,
    packedB = false,
    bias = 0,
    relu = false,
    count = 1,
    table = 0,
    terms = 1,
  }: MatrixProduct,
): void {
  const units = count * kernels.matmulPanels(M, N);
  if (units === 0) return;
  const flopsOfUnit = (2 * M * N * Math.max(1, K) * terms * count) / units;
  const grain = Math.ceil(Math.max(grainFlops / flopsOfUnit, units / mostPieces, 1));
  parallelWithScratch(
    kernels.matmul,
    units,
    grain,
    kernels.matmulScratch(M, N, K),
    a,
    b,
    bias,
    c,
    table,
    terms,
    M,
    N,
    K,
    Number(transA),
    packedB ? panelsOfB : transB ? columnsOfB : rowsOfB,
    Number(relu),
  );
}

/** Takes the scratch memory that such a product will ask for, so that it cannot fail for want of memory. */
export function reserveScratch(M: number, N: number, K: number): void {
  scratchFor(kernels.matmulScratch(M, N, K), threadsAtHand() ? threadCount() : 1);
}
