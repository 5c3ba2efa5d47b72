/** Where the time of a computation goes. */
import { observe } from "../../core/observe.ts";
import { refusePromise } from "../../core/scope.ts";
import type { Module } from "../../nn/module.ts";

/** All applications of one particle in one direction, together. */
export interface ProfileEntry {
  readonly particle: string;
  readonly direction: "forward" | "backward";
  readonly count: number;
  readonly milliseconds: number;
  /** The share of the time between the start and the end of the computation. */
  readonly share: number;
}

/** One complete event of Chrome's trace format; times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly cat: "forward" | "backward" | "module" | "step";
  readonly ph: "X";
  readonly ts: number;
  readonly dur: number;
  readonly pid: 1;
  readonly tid: 1;
  readonly args: Readonly<Record<string, string>>;
}

export interface Profile<T> {
  /** What the computation returned. */
  readonly result: T;
  readonly milliseconds: number;
  /** The most expensive first. */
  readonly entries: readonly ProfileEntry[];
  /** `JSON.stringify` of it is a file for chrome://tracing or ui.perfetto.dev. */
  readonly trace: { readonly displayTimeUnit: "ms"; readonly traceEvents: readonly TraceEvent[] };
}

export interface ProfileOptions {
  /** For the names of its modules; without it they are called by their classes. */
  readonly model?: Module;
  /** The present time in milliseconds; by default that of `performance`. */
  readonly clock?: () => number;
}

interface Opened {
  readonly name: string;
  readonly category: TraceEvent["cat"];
  readonly start: number;
}

/**
 * Runs `body`, a training step for instance, and measures every particle in it, forward and backward, through the
 * engine's observation hook. Times include what the hook itself takes, about a microsecond an application.
 *
 * @throws GraphError if `body` returns a Promise.
 */
export function profile<T>(body: () => T, { model, clock = () => performance.now() }: ProfileOptions = {}): Profile<T> {
  const paths = new Map<object, string>();
  for (const [path, module] of model?.namedModules() ?? []) paths.set(module, path);
  const events: TraceEvent[] = [];
  const open: Opened[] = [];
  const began = clock();
  const begin = (name: string, category: TraceEvent["cat"]) => {
    open.push({ name, category, start: clock() });
  };
  const end = (args: Record<string, string> = {}) => {
    const now = clock();
    const { name, category: cat, start } = open.pop()!;
    const [ts, dur] = [1000 * (start - began), 1000 * (now - start)];
    events.push({ name, cat, ph: "X", ts, dur, pid: 1, tid: 1, args });
  };
  begin("step", "step");
  const result = observe(
    {
      starting: ({ name }) => begin(name, "forward"),
      applied: ({ particle, output }) => {
        // What shares the block of its input does not run, so it does not start either.
        if (particle.shares) begin(particle.name, "forward");
        end({ output: output.shape.join("×") });
      },
      backwardStarting: ({ name }) => begin(name, "backward"),
      backwardDone: () => end(),
      entering: (module) => begin(paths.get(module) || module.constructor.name, "module"),
      leaving: () => {
        // A particle that threw has not ended; nor will it.
        while (open.at(-1)!.category !== "module") open.pop();
        end();
      },
    },
    body,
  );
  refusePromise("profile", result);
  open.length = 1;
  end();
  const milliseconds = events.at(-1)!.dur / 1000;
  const traceEvents = events.sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  return {
    result,
    milliseconds,
    entries: entriesOf(events, milliseconds),
    trace: { displayTimeUnit: "ms", traceEvents },
  };
}

function entriesOf(events: readonly TraceEvent[], total: number): ProfileEntry[] {
  const sums = new Map<string, ProfileEntry>();
  for (const { name, cat, dur } of events) {
    if (cat !== "forward" && cat !== "backward") continue;
    const key = `${name} ${cat}`;
    const { count, milliseconds } = sums.get(key) ?? { count: 0, milliseconds: 0 };
    const sum = milliseconds + dur / 1000;
    const share = total > 0 ? sum / total : 0;
    sums.set(key, { particle: name, direction: cat, count: count + 1, milliseconds: sum, share });
  }
  return [...sums.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}
