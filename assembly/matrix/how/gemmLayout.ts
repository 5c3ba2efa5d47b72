/**
 * How the matrices of a product lie in memory, and how a sum over K is cut: what every kernel that multiplies must agree on, since a
 * sum cut elsewhere has other bits.
 */
import { packTransposed16 } from "./gemmPack";

/** How B lies in memory: as [K, N], as [N, K], or as `packB` leaves it. */
export const rowsOfB: u32 = 0;
export const columnsOfB: u32 = 1;
export const panelsOfB: u32 = 2;

const longestSum: u32 = 256;
/** What packing may write behind the last panel. */
export const panelSlack: usize = 192;

/** How many k one sum runs over: K in equal parts of at most 256, in whole fours so that packing transposes whole blocks. */
// @ts-ignore: decorator
@inline
export function sumLength(K: u32): u32 {
  const parts = max<u32>((K + longestSum - 1) / longestSum, 1);
  return ((K + parts - 1) / parts + 3) & ~3;
}

/** Bytes that `packB` fills. */
export function packedB(N: u32, K: u32): usize {
  return (<usize>((N + 15) & ~15)) * K * 4 + panelSlack;
}

/** Packs a whole B, stored as [N, K], for many products: block of k after block of k, and in each panel after panel. */
export function packB(b: usize, to: usize, N: u32, K: u32): void {
  const blockK = sumLength(K);
  for (let k: u32 = 0; k < K; k += blockK) {
    const kc = min(blockK, K - k);
    packTransposed16(b + ((<usize>k) << 2), (<usize>K) << 2, N, kc, panelOfB(to, N, 0, k, kc));
  }
}

/** Where, in a packed B, the panel begins that holds the columns from j on, a multiple of 16, in the block of kc that begins at k. */
// @ts-ignore: decorator
@inline
export function panelOfB(b: usize, N: u32, j: u32, k: u32, kc: u32): usize {
  return b + (((<usize>k) * ((N + 15) & ~15) + (<usize>j) * kc) << 2);
}
