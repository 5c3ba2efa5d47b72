/** What the machine can do at best, for cost cards to compare with. */
import { peakFlopsPerRound } from "../../engine/generated/border.ts";
import { kernels } from "../../engine/generated/engine.ts";

export interface PeakOptions {
  /** How often the loop is timed; 20 by default. The fastest counts. */
  readonly repeats?: number;
  /** The present time in milliseconds; by default that of `performance`. */
  readonly clock?: () => number;
}

/** About 0.2 ms. */
const rounds = 100_000;

/**
 * The floating-point operations that one thread can do in a second, measured: products and additions of four lanes that
 * never leave the registers. It is what `costs(graph, { inputs, peak })` takes as `peak`; with n threads the machine
 * has n times as much at best.
 */
export function measurePeak({ repeats = 20, clock = () => performance.now() }: PeakOptions = {}): number {
  let fastest = Number.POSITIVE_INFINITY;
  // The first run is compiled while it runs; it is not counted.
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const started = clock();
    kernels.peakFlops(rounds);
    if (repeat > 0) fastest = Math.min(fastest, clock() - started);
  }
  return (1000 * rounds * peakFlopsPerRound) / fastest;
}
