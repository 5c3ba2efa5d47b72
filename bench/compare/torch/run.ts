/**
 * `PYTHON=… npm run bench:torch`: the growth works beside a PyTorch that is at hand, plain and with its best settings, by turns in one run.
 * Nothing else needs Python.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { engine } from "../../../src/engine/module.ts";
import { manualSeed, setThreads } from "../../../src/index.ts";
import { type GrowthWork, growthWorks, prepared } from "../growthWorks.ts";

const { values: options } = parseArgs({
  options: {
    filter: { type: "string", default: "" },
    milliseconds: { type: "string", default: "40" },
    rounds: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(`PYTHON=python3 npm run bench:torch -- [options]

  --filter TEXT      only works with TEXT in their name
  --milliseconds N   time for each side in each round, 40 by default
  --rounds N         turns of all sides, 3 by default
  --threads N        threads of both, 1 by default
  --json             one JSON object as the last line`);
  process.exit();
}
const milliseconds = Number(options.milliseconds);
const threads = Number(options.threads);

interface Timing {
  readonly fastest: number;
  readonly median: number;
}

/** PyTorch in a process of its own. */
class Torch {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #best: boolean;
  /** Whether it runs at all. */
  readonly started: Promise<boolean>;

  constructor(best: boolean) {
    const script = fileURLToPath(new URL("serve.py", import.meta.url));
    // glibc gives freed pages back at once otherwise, and page faults are most of the time of a large result.
    const keepPages = {
      MALLOC_MMAP_THRESHOLD_: "4294967296",
      MALLOC_TRIM_THRESHOLD_: "4294967296",
      MALLOC_TOP_PAD_: "0",
    };
    this.#best = best;
    this.#process = spawn(process.env.PYTHON ?? "python3", [script, `${threads}`], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...(best && keepPages) },
    });
    this.started = new Promise((resolve) => {
      this.#process.once("spawn", () => resolve(true));
      this.#process.on("error", () => resolve(false));
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async prepare({ torch, shapes, places }: GrowthWork, size: number): Promise<string> {
    const { a, b = [1], i = [1] } = shapes(size);
    return (await this.#ask({ torch, a, b, i, places: places?.(size) ?? 1, best: this.#best })).version as string;
  }

  async time(): Promise<Timing> {
    return (await this.#ask({ milliseconds })) as unknown as Timing;
  }

  async #ask(request: object): Promise<Record<string, unknown>> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("bench:torch: PyTorch ended; does PYTHON name a Python that can import torch?");
    return JSON.parse(value) as Record<string, unknown>;
  }

  end(): void {
    this.#process.stdin.end();
  }
}

function ours(run: () => void): Timing {
  const timed = (repeats: number) => {
    const started = performance.now();
    for (let repeat = 0; repeat < repeats; repeat++) run();
    return (performance.now() - started) / repeats;
  };
  const repeats = Math.max(1, Math.round(1 / Math.max(timed(3), 1e-4)));
  const samples: number[] = [];
  for (const end = performance.now() + milliseconds; samples.length < 3 || performance.now() < end; ) {
    samples.push(timed(repeats));
  }
  return summary(samples);
}

function summary(samples: number[]): Timing {
  samples.sort((one, other) => one - other);
  return { fastest: samples[0]!, median: samples[samples.length >> 1]! };
}

/** Of rounds: the fastest of all, and the median of their medians. */
const together = (rounds: readonly Timing[]): Timing => ({
  fastest: Math.min(...rounds.map(({ fastest }) => fastest)),
  median: summary(rounds.map(({ median }) => median)).median,
});

engine();
manualSeed(0);
await setThreads(threads);
const [plain, best] = [new Torch(false), new Torch(true)];
if (!(await plain.started) || !(await best.started)) {
  console.error(`bench:torch: cannot start ${process.env.PYTHON ?? "python3"}; set PYTHON to a Python with torch`);
  process.exit(1);
}

const results: { name: string; size: number; ours: Timing; plain: Timing; best: Timing }[] = [];
let version = "";
for (const work of growthWorks) {
  if (!work.name.toLowerCase().includes(options.filter.toLowerCase())) continue;
  for (const size of work.sizes) {
    const { run, release } = prepared(work, size);
    const rounds: { ours: Timing; plain: Timing; best: Timing }[] = [];
    version = await plain.prepare(work, size);
    await best.prepare(work, size);
    // Compilers have their time.
    for (const end = performance.now() + 40; performance.now() < end; ) run();
    for (let round = 0; round < Number(options.rounds); round++) {
      rounds.push({ ours: ours(run), plain: await plain.time(), best: await best.time() });
    }
    release();
    results.push({
      name: work.name,
      size,
      ours: together(rounds.map((round) => round.ours)),
      plain: together(rounds.map((round) => round.plain)),
      best: together(rounds.map((round) => round.best)),
    });
  }
}
plain.end();
best.end();

const shown = (time: number) => (time < 1 ? `${(1000 * time).toPrecision(3)} µs` : `${time.toPrecision(3)} ms`);
const both = ({ fastest, median }: Timing) => `${shown(fastest)} (${shown(median)})`;
const table = new Table({
  head: ["fastest (median)", "n", "quarkgrad", "PyTorch", "PyTorch, best", "ours / theirs"],
  style: { head: [], border: [], compact: true },
  colAligns: ["left", "right", "right", "right", "right", "right"],
});
for (const { name, size, ours, plain, best } of results) {
  const ratio = ours.fastest / Math.min(plain.fastest, best.fastest);
  table.push([name, size, both(ours), both(plain), both(best), ratio.toPrecision(2)]);
}
const machine = `Node ${process.version}, PyTorch ${version}, ${cpus()[0]?.model ?? "unknown CPU"} × ${cpus().length}, ${threads} thread(s) each`;
console.log(`${machine}\n${table}`);
console.log(
  "Best: channels last, pages kept by malloc. The ratio is that of the fastest samples, to the faster of PyTorch's two.",
);
if (options.json) console.log(JSON.stringify({ machine, results }));
await setThreads(1);
