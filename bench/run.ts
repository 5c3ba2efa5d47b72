/**
 * `npm run bench`: every particle forward and backward, matrix products, a training step and inference, observation.
 * Between any two samples a loop that only computes in registers is timed, so that "% of peak" compares the same
 * moments of the machine.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { engine } from "../src/engine/module.ts";
import { configure, manualSeed, memory, resetPeak, setThreads } from "../src/index.ts";
import { grownText, growth } from "./growth.ts";
import { measure, type Row as Timing } from "./measure.ts";
import { observationRatios, ratioCells, ratioHead, ratioTable } from "./observation.ts";
import { inference, overhead, soraApplications, trainingStep } from "./sora.ts";
import { generalConvolutions, standardApplications } from "./standard.ts";
import { products, reading, type Subject, subjectsOf } from "./subjects.ts";

const { values: options } = parseArgs({
  options: {
    filter: { type: "string", default: "" },
    milliseconds: { type: "string", default: "250" },
    threads: { type: "string", default: "1" },
    growth: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    markdown: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(`npm run bench -- [options]

  --filter TEXT      only rows with TEXT in their name ("conv2d", "backward", "matmul 512", "training")
  --milliseconds N   time for each row, 250 by default
  --threads N        threads of the engine, 1 by default; the peak is that of one thread, times N
  --growth           how the time of an element grows with the size of the work, in place of the other tables
  --json             one JSON object as the last line
  --markdown FILE    the tables as Markdown`);
  process.exit();
}

interface Row extends Timing {
  readonly peakBytes?: number;
}

const threads = Number(options.threads);
const timed = (subject: Subject) => measure(subject, Number(options.milliseconds), threads);
const wanted = (name: string) => name.toLowerCase().includes(options.filter.toLowerCase());

const report: Record<string, Row[]> = {};
const markdown: string[] = [];

function duration(milliseconds: number): string {
  if (milliseconds < 0.001) return `${(1e6 * milliseconds).toFixed(0)} ns`;
  if (milliseconds < 1) return `${(1000 * milliseconds).toPrecision(3)} µs`;
  return `${milliseconds < 100 ? milliseconds.toPrecision(3) : milliseconds.toFixed(0)} ms`;
}

const dash = (value: number, text: string) => (value > 0 && Number.isFinite(value) ? text : "–");
const cells = ({ name, median, fastest, spread, gflops, gigabytes, ofPeak, peakBytes }: Row) => [
  name,
  duration(median),
  duration(fastest),
  `±${spread.toFixed(0)} %`,
  dash(gflops, gflops.toFixed(1)),
  dash(gflops, `${ofPeak.toFixed(0)} %`),
  dash(gigabytes, gigabytes.toFixed(1)),
  peakBytes ? `${(peakBytes / 1e6).toFixed(1)} MB` : "",
];

/** Prints a table and remembers it. */
function section(title: string, rows: Row[]): void {
  if (rows.length === 0) return;
  report[title] = rows;
  const head = [title, "median", "fastest", "spread", "GFLOP/s", "of peak", "GB/s", "memory peak"];
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "right"],
  });
  for (const row of rows) table.push(cells(row));
  console.log(`${table}\n`);
  const lines = [head, ["---", ...head.slice(1).map(() => "--:")], ...rows.map(cells)];
  markdown.push(lines.map((line) => `| ${line.join(" | ")} |`).join("\n"));
}

const measured = (subjects: readonly Subject[]) => subjects.filter(({ name }) => wanted(name)).map(timed);
const plain = (name: string, run: () => void): Subject => ({ name, flops: 0, bytes: 0, run });

/** The same, with the most memory that was live while it ran. */
function withMemory(subject: Subject): Row[] {
  if (!wanted(subject.name)) return [];
  resetPeak();
  const row = timed(subject);
  return [{ ...row, peakBytes: memory().peakBytes }];
}

engine();
manualSeed(0);
await setThreads(threads);
const machine = `Node ${process.version}, ${cpus()[0]?.model ?? "unknown CPU"} × ${cpus().length}, ${threads} thread(s)`;
const command = `npm run bench -- ${process.argv.slice(2).join(" ")}`.trim();
console.log(`${machine}\n${command}\n`);

if (options.growth) {
  const table = growth(wanted, Number(options.milliseconds), threads);
  console.log(options.json ? JSON.stringify({ machine, command, growth: table }) : grownText(table));
  process.exit();
}

// First, so that the memory peaks are theirs alone.
const { step, update } = trainingStep(64);
step();
const whole = [
  ...withMemory(plain("Sora, training step, batch 64, Adam", step)),
  ...measured([plain("Sora, the update of its parameters by Adam", update)]),
  ...[1, 64, 1000].flatMap((batch) => withMemory(plain(`Sora, inference, batch ${batch}`, inference(batch)))),
];
section("The whole model", whole);

const applications = soraApplications(64);
const inStep: Row[] = [];
const subjects = applications.map((application) => subjectsOf(application, { changing: true }));
for (const { subjects: passes } of subjects) inStep.push(...measured(passes));
for (const { release } of subjects) release();
section("Particles in a training step of Sora, batch 64", inStep);

const standard: Row[] = [];
const others = standardApplications(applications);
let next = others.next();
for (; !next.done; next = others.next()) {
  const { subjects, release } = subjectsOf(next.value);
  standard.push(...measured(subjects));
  release();
}
if (next.value.length > 0) console.log(`No standard shape for: ${next.value.join(", ")}\n`);
standard.push(...measured([reading(1_600_000)]));
section("Particles at standard shapes", standard);

configure({ winograd: false });
const general: Row[] = [];
for (const application of generalConvolutions()) {
  const { subjects, release } = subjectsOf(application);
  general.push(...measured(subjects));
  release();
}
section("Convolutions without Winograd", general);
configure({ winograd: true });

section(
  "Matrix products",
  [16, 32, 64, 128, 256, 512, 1024].flatMap((size) => measured(products(size))),
);

section("One op on one number", [
  ...measured([plain("relu of [1], not recorded", overhead(false)), plain("relu of [1], recorded", overhead(true))]),
]);

const ratios = await observationRatios(10 * Number(options.milliseconds), wanted);
if (ratios.length > 0) {
  console.log(`${ratioTable(ratios)}\n`);
  const lines = [ratioHead, ["---", ...ratioHead.slice(1).map(() => "--:")], ...ratios.map(ratioCells)];
  markdown.push(lines.map((line) => `| ${line.join(" | ")} |`).join("\n"));
}

const kernelsAlone = [...inStep, ...whole.filter(({ name }) => name.includes("update"))];
const stepRow: Row | undefined = whole.find(({ name }) => name.includes("training step"));
if (stepRow && options.filter === "") {
  const sum = kernelsAlone.reduce((total, { median }) => total + median, 0);
  const line = `The step takes ${(stepRow.median / sum).toFixed(2)} times the sum of its particles and its update (${duration(sum)}), ${(64000 / stepRow.median).toFixed(0)} images/s.`;
  console.log(line);
  markdown.push(line);
}
const legend = `GFLOP/s and GB/s are the particle's own cost over the fastest sample; the peak is that of a loop that computes in registers, timed between the samples. A backward pass counts the forward's operations once for each gradient of a product, and none where it is no product. What a convolution derives from its weights is computed each time in the rows of the training step, and kept in the others. "hook against none": the engine as it is, with nobody watching, against one without its observation hook; "hook against hook": against a copy of itself, which shows the noise. Ratios are of the fastest samples, and the median of pairs of samples in turn.`;
console.log(legend);
if (options.markdown)
  writeFileSync(options.markdown, `${[`${machine}; \`${command}\``, ...markdown, legend].join("\n\n")}\n`);
if (options.json) console.log(JSON.stringify({ machine, command, report, ratios }));
await setThreads(1);
