/**
 * `npm run bench:threads`: the same work on one thread and on several by turns, first on an idle machine, then while
 * other threads keep all cores but one busy, where several may be no faster but shall not be slower by more than a
 * tenth.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import Table from "cli-table3";
import { manualSeed, setThreads } from "../src/index.ts";
import { inference, trainingStep } from "./sora.ts";

const { values: options } = parseArgs({
  options: {
    threads: { type: "string", default: `${cpus().length}` },
    seconds: { type: "string", default: "8" },
    json: { type: "boolean", default: false },
    markdown: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(`npm run bench:threads -- [options]

  --threads N      compared with one thread; as many as there are cores by default
  --seconds S      time for each row, 8 by default
  --json           one JSON object as the last line
  --markdown FILE  the table as Markdown`);
  process.exit();
}

interface Row {
  readonly name: string;
  /** Milliseconds, medians. */
  readonly one: number;
  readonly several: number;
}

/** Turns that each number of threads gets; what comes first in a turn warms up. */
const turns = 8;
const threads = Number(options.threads);
const median = (samples: number[]) => samples.sort((a, b) => a - b)[samples.length >> 1]!;

async function compare(name: string, run: () => void): Promise<Row> {
  const samples: Record<number, number[]> = { 1: [], [threads]: [] };
  const slice = (1000 * Number(options.seconds)) / (2 * turns);
  for (let turn = 0; turn < turns; turn++) {
    for (const count of [1, threads]) {
      await setThreads(count);
      for (let warm = 0; warm < 3; warm++) run();
      const ended = performance.now() + slice;
      for (let started = performance.now(); started < ended; ) {
        run();
        const now = performance.now();
        samples[count]!.push(now - started);
        started = now;
      }
    }
  }
  return { name, one: median(samples[1]!), several: median(samples[threads]!) };
}

manualSeed(0);
const work: readonly (readonly [string, () => void])[] = [
  ["Sora, training step, batch 64", trainingStep(64).step],
  ["Sora, inference, batch 64", inference(64)],
  ["Sora, inference, batch 1", inference(1)],
];
const rows: Row[] = [];
for (const [name, run] of work) rows.push(await compare(name, run));

const busy = Array.from({ length: Math.max(1, cpus().length - 1) }, () => new Worker("for (;;);", { eval: true }));
for (const [name, run] of work) rows.push(await compare(`${name}, all cores but one busy`, run));
await Promise.all(busy.map((worker) => worker.terminate()));

const machine = `Node ${process.version}, ${cpus()[0]?.model ?? "unknown CPU"} × ${cpus().length}`;
const command = `npm run bench:threads -- ${process.argv.slice(2).join(" ")}`.trim();
const head = ["", "1 thread", `${threads} threads`, "times as fast"];
const cells = rows.map(({ name, one, several }) => [
  name,
  `${one.toPrecision(3)} ms`,
  `${several.toPrecision(3)} ms`,
  (one / several).toFixed(2),
]);
const table = new Table({ head, style: { head: [], border: [] }, colAligns: ["left", "right", "right", "right"] });
table.push(...cells);
console.log(`${machine}\n${command}\n${table}`);
if (options.markdown) {
  const lines = [head, ["---", "--:", "--:", "--:"], ...cells].map((line) => `| ${line.join(" | ")} |`);
  writeFileSync(options.markdown, `${machine}; \`${command}\`\n\n${lines.join("\n")}\n`);
}
if (options.json) console.log(JSON.stringify({ machine, command, rows }));
await setThreads(1);
