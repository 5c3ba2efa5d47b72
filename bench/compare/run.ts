/**
 * `npm run bench:compare`: the same work in quarkgrad and in other engines, from the same weights, outputs checked against
 * ours before anything is timed, all engines by turns in one run.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { setThreads } from "../../src/index.ts";
import { convnet } from "./convnetjs.ts";
import { jax } from "./jax.ts";
import { type Contender, interleaved, type Timing, timed } from "./measure.ts";
import { onnxruntime } from "./onnxruntime.ts";
import { quarkgrad, startingWeights } from "./quarkgrad.ts";
import { tensorflowCpu, tensorflowWasm } from "./tensorflow.ts";
import { type Engine, generator, type Running, uniform, type Work } from "./work.ts";

const { values: options } = parseArgs({
  options: {
    filter: { type: "string", default: "" },
    seconds: { type: "string", default: "1.5" },
    threads: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    markdown: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(`npm run bench:compare -- [options]

  --filter TEXT    only tasks and engines with TEXT in "task, engine" ("sora", "wasm")
  --seconds S      time for each engine and task, 1.5 by default; at least two runs each
  --threads N      threads of quarkgrad, 1 by default; the others have one
  --json           one JSON object as the last line
  --markdown FILE  the tables as Markdown`);
  process.exit();
}

const tolerance = 1e-3;
const checkedRuns = 2;
/** Milliseconds from which a task needs no further warming. */
const slow = 500;
const engines: readonly Engine[] = [quarkgrad, convnet, tensorflowWasm, tensorflowCpu, onnxruntime, jax];

function soraWork(task: Work["task"], batch: number, optimizer?: "sgd" | "adam"): Work {
  const next = generator(2);
  return {
    task,
    batch,
    ...(optimizer && { optimizer }),
    weights: startingWeights(task === "mlp step" ? "mlp" : "sora"),
    images: uniform(batch * 784, 1),
    labels: Int32Array.from({ length: batch }, () => Math.floor(10 * next())),
  };
}

function plainWork(task: Work["task"], ...shapes: readonly number[][]): Work {
  const weights = Object.fromEntries(
    shapes.map((shape, at) => [
      `${at}`,
      {
        shape,
        data: uniform(
          shape.reduce((a, b) => a * b),
          at,
          -0.5,
          0.5,
        ),
      },
    ]),
  );
  return { task, batch: 1, weights, images: new Float32Array(0), labels: new Int32Array(0) };
}

const works: Readonly<Record<string, () => Work>> = {
  "Sora, training step, batch 64, SGD with momentum": () => soraWork("sora step", 64, "sgd"),
  "Sora, training step, batch 64, Adam": () => soraWork("sora step", 64, "adam"),
  "784-128-10, training step, batch 64, Adam": () => soraWork("mlp step", 64, "adam"),
  "Sora, inference, batch 1": () => soraWork("sora inference", 1),
  "Sora, inference, batch 64": () => soraWork("sora inference", 64),
  "Sora, inference, batch 1000": () => soraWork("sora inference", 1000),
  "conv2d [64, 32, 14, 14] by [64, 32, 3, 3], padding 1": () => plainWork("conv2d", [64, 32, 14, 14], [64, 32, 3, 3]),
  "matmul [512, 512] by [512, 512]": () => plainWork("matmul", [512, 512], [512, 512]),
  "sum of 1,600,000": () => plainWork("sum", [1_600_000]),
};

interface Row extends Timing {
  readonly ratio: number;
  readonly difference: number;
  readonly hash: string;
}

const matches = (title: string, { name }: Engine) =>
  `${title}, ${name}`.toLowerCase().includes(options.filter.toLowerCase());

interface Prepared {
  readonly contender: Contender;
  readonly difference: number;
  readonly hash: string;
}

/** Sets the task up in every engine that can do it, and compares its results with ours. */
async function prepareAll(title: string, work: Work): Promise<Prepared[]> {
  const ours = await prepare(quarkgrad, work, undefined);
  const prepared = [ours!];
  for (const engine of engines) {
    if (engine === quarkgrad || !matches(title, engine)) continue;
    try {
      const other = await prepare(engine, work, ours!.results);
      if (!other) continue;
      if (!(other.difference <= tolerance)) {
        throw new Error(`its results differ from quarkgrad's by ${other.difference}, more than ${tolerance}`);
      }
      prepared.push(other);
    } catch (error) {
      process.exitCode = 1;
      console.log(`${title}: ${engine.name} is left out: ${error instanceof Error ? error.message : error}`);
    }
  }
  return prepared;
}

async function prepare(
  engine: Engine,
  work: Work,
  expected: readonly number[][] | undefined,
): Promise<(Prepared & { results: number[][] }) | undefined> {
  const running = await engine.start(work);
  if (!running) return undefined;
  const { results, milliseconds } = await resultsOf(running, work.task.endsWith("step") ? checkedRuns : 1);
  const difference = Math.max(...results.map((result, at) => differenceOf(result, expected?.[at] ?? result)));
  const hash = running.hash?.() ?? "";
  const estimate = milliseconds > slow ? milliseconds : await warm(running);
  return { contender: { name: engine.name, running, estimate }, difference, hash, results };
}

/** The results of the first runs, and how long the last of them took. */
async function resultsOf(
  { prepare, run, read }: Running,
  runs: number,
): Promise<{ results: number[][]; milliseconds: number }> {
  const results: number[][] = [];
  let milliseconds = 0;
  for (let at = 0; at < runs; at++) {
    await prepare?.();
    const started = performance.now();
    const result = await run();
    milliseconds = performance.now() - started;
    results.push(Array.from(read?.(result) ?? result));
  }
  return { results, milliseconds };
}

/** The largest difference, relative to the largest number. */
function differenceOf(result: readonly number[], expected: readonly number[]): number {
  if (result.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let apart = 0;
  for (const [at, value] of expected.entries()) {
    largest = Math.max(largest, Math.abs(value));
    const difference = Math.abs(result[at]! - value);
    if (!(difference <= apart)) apart = difference;
  }
  return apart / largest;
}

/** Runs a task until compilers have had their time, and tells how long one run takes. */
async function warm(running: Running): Promise<number> {
  let milliseconds = 0;
  for (let spent = 0, runs = 0; spent < 400 || runs < 4; spent += milliseconds, runs++) {
    await running.prepare?.();
    milliseconds = await timed(running, 1);
  }
  return milliseconds;
}

const shown = (milliseconds: number) => `${milliseconds.toPrecision(3)} ms`.replace(/e\+(\d+)/, "e$1");
const cells = ({ name, milliseconds, fastest, samples, ratio, difference, hash }: Row) => [
  name,
  milliseconds >= 1000 ? `${(milliseconds / 1000).toFixed(2)} s` : shown(milliseconds),
  fastest >= 1000 ? `${(fastest / 1000).toFixed(2)} s` : shown(fastest),
  `${samples}`,
  ratio === 1 ? "1" : ratio.toPrecision(3),
  difference === 0 ? "0" : difference.toExponential(1),
  hash.slice(0, 16),
];
const head = ["", "median", "fastest", "samples", "times ours", "apart", "SHA-256"];

await setThreads(Number(options.threads));
const machine = `Node ${process.version}, ${cpus()[0]?.model ?? "unknown CPU"} × ${cpus().length}, quarkgrad on ${options.threads} thread(s)`;
const command = `npm run bench:compare -- ${process.argv.slice(2).join(" ")}`.trim();
console.log(`${machine}\n${command}\n`);
const markdown = [`${machine}; \`${command}\``];
const report: Record<string, readonly Row[]> = {};

for (const [title, make] of Object.entries(works)) {
  if (!engines.some((engine) => matches(title, engine))) continue;
  const prepared = await prepareAll(title, make());
  const timings = await interleaved(
    prepared.map(({ contender }) => contender),
    1000 * Number(options.seconds),
  );
  const rows = timings.map((timing, at) => ({
    ...timing,
    ratio: timing.milliseconds / timings[0]!.milliseconds,
    difference: prepared[at]!.difference,
    hash: prepared[at]!.hash,
  }));
  report[title] = rows;
  const table = new Table({
    head: [title, ...head.slice(1)],
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "right", "right"],
  });
  for (const row of rows) table.push(cells(row));
  console.log(`${table}\n`);
  const lines = [[title, ...head.slice(1)], ["---", "--:", "--:", "--:", "--:", "--:", "---"], ...rows.map(cells)];
  markdown.push(lines.map((line) => `| ${line.join(" | ")} |`).join("\n"));
}
const notes = engines.map(({ name, note }) => `- ${name}: ${note}.`).join("\n");
const legend = `"apart": the largest difference from our outputs (for a step, from our loss in ${checkedRuns} steps), relative to the largest number; checked before timing.\nSHA-256: of our outputs, or of our weights after ${checkedRuns} steps.`;
console.log(`${notes}\n${legend}`);
if (options.markdown) writeFileSync(options.markdown, `${[...markdown, notes, legend].join("\n\n")}\n`);
if (options.json) console.log(JSON.stringify({ machine, command, report }));
// Some engines leave workers and timers behind.
process.exit();
