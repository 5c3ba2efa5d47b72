/**
 * Deterministic parallel-for: the range [0, units) of a kernel is cut by the problem, never by the number of threads, so that who
 * computes a piece may change, and its bits do not.
 */
import { dispatch, threadCount, threadsAtHand } from "./threads.ts";
import { scratchFor, scratchStride } from "./workspace.ts";

/**
 * Runs `kernel(...args, from, to)` over all of [0, units) in pieces of `grain` units (the last may be shorter). Pieces may run at
 * the same time and in any order, so they must write to disjoint places. `grain` depends on shapes only: the smallest
 * piece worth a hand-over, 20 to 50 µs of work.
 */
export function parallel<Args extends number[]>(
  kernel: (...args: [...Args, number, number]) => void,
  units: number,
  grain: number,
  ...args: Args
): void {
  if (units <= 0) return;
  if (units <= grain || !threadsAtHand()) kernel(...args, 0, units);
  else dispatch(kernel as (...args: number[]) => void, units, grain, args, 0, 0);
}

/** The same for a kernel that needs `scratchBytes` of its own while it runs: `kernel(...args, scratch, from, to)`. */
export function parallelWithScratch<Args extends number[]>(
  kernel: (...args: [...Args, number, number, number]) => void,
  units: number,
  grain: number,
  scratchBytes: number,
  ...args: Args
): void {
  if (units <= 0) return;
  const threads = units <= grain || !threadsAtHand() ? 1 : threadCount();
  const scratch = scratchFor(scratchBytes, threads);
  if (threads === 1) kernel(...args, scratch, 0, units);
  else dispatch(kernel as (...args: number[]) => void, units, grain, args, scratch, scratchStride(scratchBytes));
}
