/** Times a subject. Between any two samples a loop that only computes in registers is timed, so that both see the same moments. */
import { Bench } from "tinybench";
import { peakFlopsPerRound } from "../src/engine/generated/border.ts";
import { kernels } from "../src/engine/generated/engine.ts";
import type { Subject } from "./subjects.ts";

export interface Row {
  readonly name: string;
  /** Milliseconds. */
  readonly median: number;
  readonly fastest: number;
  /** Half the width of the 95 % interval of the mean, in per cent. */
  readonly spread: number;
  readonly gflops: number;
  readonly gigabytes: number;
  /** Per cent, fastest against fastest: above 100 where the machine was busier while the peak was taken. */
  readonly ofPeak: number;
}

/** Milliseconds that a sample lasts at least. */
const slice = 1;
/** About 0.2 ms. */
const peakRounds = 100_000;
const peakFlops = peakRounds * peakFlopsPerRound;

/** Times one subject with tinybench: samples of at least `slice`, the peak loop before each. */
export function measure({ name, flops, bytes, prepare, run }: Subject, milliseconds: number, threads = 1): Row {
  prepare?.();
  const repeats = Math.max(1, Math.ceil(slice / warm(run)));
  let peak = Number.POSITIVE_INFINITY;
  const bench = new Bench({
    time: milliseconds,
    iterations: 5,
    warmup: false,
    throws: true,
  });
  bench.add(
    name,
    () => {
      for (let repeat = 0; repeat < repeats; repeat++) run();
    },
    {
      beforeEach: () => {
        const started = performance.now();
        kernels.peakFlops(peakRounds);
        peak = Math.min(peak, performance.now() - started);
      },
    },
  );
  const [task] = bench.runSync();
  const result = task!.result;
  if (!("latency" in result)) throw new Error(`${name}: ${result.state}`);
  const { p50, min, rme } = result.latency;
  const fastest = min / repeats;
  return {
    name,
    median: p50 / repeats,
    fastest,
    spread: rme,
    gflops: flops / fastest / 1e6,
    gigabytes: bytes / fastest / 1e6,
    ofPeak: (100 * (flops / fastest)) / ((threads * peakFlops) / peak),
  };
}

/** Runs until the compilers have had their time; milliseconds of the fastest run. */
function warm(run: () => void): number {
  let fastest = Number.POSITIVE_INFINITY;
  const began = performance.now();
  for (let runs = 0; runs < 3 || performance.now() - began < 40; runs++) {
    const started = performance.now();
    run();
    fastest = Math.min(fastest, performance.now() - started);
  }
  return Math.max(fastest, 1e-4);
}
