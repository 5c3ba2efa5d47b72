/** Tasks of several engines, timed by turns, so that all of them see the same moments of the machine. */
import type { Running } from "./work.ts";

export interface Contender {
  readonly name: string;
  readonly running: Running;
  /** Milliseconds of one run, known from the check. */
  readonly estimate: number;
}

export interface Timing {
  readonly name: string;
  readonly milliseconds: number;
  readonly fastest: number;
  readonly samples: number;
}

/** Milliseconds that a sample lasts at least: short tasks are repeated within one. */
const slice = 5;
const mostSamples = 50;

/** Takes samples of each contender by turns until each has had its milliseconds, at least two each. */
export async function interleaved(contenders: readonly Contender[], budget: number): Promise<Timing[]> {
  const samples = contenders.map(() => [] as number[]);
  const spent = contenders.map(() => 0);
  for (let round = 0; round < mostSamples; round++) {
    let active = false;
    for (const [at, { running, estimate }] of contenders.entries()) {
      if (spent[at]! >= budget && samples[at]!.length >= 2) continue;
      active = true;
      const repeats = Math.max(1, Math.ceil(slice / estimate));
      await running.prepare?.();
      const milliseconds = await timed(running, repeats);
      samples[at]!.push(milliseconds);
      spent[at]! += milliseconds * repeats;
    }
    if (!active) break;
  }
  return contenders.map(({ name }, at) => {
    const sorted = samples[at]!.sort((a, b) => a - b);
    return { name, milliseconds: median(sorted), fastest: sorted[0]!, samples: sorted.length };
  });
}

/** Milliseconds of one run, over `repeats` of them. A result is only awaited where it is a promise. */
export async function timed({ run }: Running, repeats: number): Promise<number> {
  const started = performance.now();
  for (let repeat = 0; repeat < repeats; repeat++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  return (performance.now() - started) / repeats;
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
