/** Runs `quarkgrad` as its user does, in a process of its own, on a small data set of its own. */
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import * as assert from "uvu/assert";
import { manualSeed, Sora } from "../../src/index.ts";
import { saveModel } from "../../src/node.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let bundled: string | undefined;

/** The command line in one file, since compiling the sources anew for each run would take most of the time. */
function program(): string {
  if (bundled) return bundled;
  const folder = mkdtempSync(join(tmpdir(), "quarkgrad-cli-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  bundled = join(folder, "dist", "cli.mjs");
  buildSync({
    entryPoints: [join(root, "src/cli/main.ts")],
    outfile: bundled,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    ignoreAnnotations: true,
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
  });
  // Where the package has them: what a thread runs, and the pages of the ops.
  for (const file of ["worker.js", "board.js"]) {
    copyFileSync(join(root, "src/engine", file), join(folder, "dist", file));
  }
  symlinkSync(join(root, "docs"), join(folder, "docs"));
  return bundled;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command to its end; presses Ctrl-C as soon as its stderr has a match of `interruptAt`. */
export function quarkgrad(args: readonly string[], interruptAt?: RegExp): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program(), ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let stdout = "";
    let stderr = "";
    let pressed = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      if (pressed || !interruptAt?.test(stderr)) return;
      pressed = true;
      child.kill("SIGINT");
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs a command that must succeed and returns what it printed. */
export async function succeeds(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await quarkgrad(args);
  assert.is(code, 0, stderr);
  return stdout;
}

/** The object in the last line of stdout. */
export function lastLine<T>(stdout: string): T {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as T;
}

/** Runs a command that must be refused: exit code 2, nothing on stdout, and one line on stderr that matches. */
export async function refused(args: readonly string[], line: RegExp): Promise<void> {
  const { code, stdout, stderr } = await quarkgrad(args);
  assert.is(code, 2, `${args.join(" ")}: ${stderr}`);
  assert.is(stdout, "");
  assert.match(stderr, line);
  assert.is(stderr.trimEnd().split("\n").length, 1, stderr);
}

export interface Workplace {
  /** The folder itself, to write into. */
  readonly folder: string;
  /** IDX files of noise with labels. */
  readonly data: string;
  /** Sora with the weights of seed 0. */
  readonly weights: string;
  /** A path in the folder. */
  path(name: string): string;
  /** What lies in the folder, or in one of its folders, besides data and weights. */
  written(name?: string): string[];
}

/** A folder with weights and data, while `body` runs. */
export async function atWork(counts: { train?: number; test: number }, body: (place: Workplace) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "quarkgrad-"));
  const inside = mkdtempSync(join(tmpdir(), "quarkgrad-data-"));
  try {
    writeImages(inside, "train", counts.train ?? 1);
    writeImages(inside, "t10k", counts.test);
    const weights = join(inside, "sora.safetensors");
    manualSeed(0);
    const model = new Sora();
    saveModel(model, weights);
    model.dispose();
    await body({
      folder,
      data: inside,
      weights,
      path: (name) => join(folder, name),
      written: (name = "") => readdirSync(join(folder, name)).sort(),
    });
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(inside, { recursive: true });
  }
}

/** Synthetic digits in MNIST's format. */
function writeImages(folder: string, prefix: string, count: number): void {
  const header = (...shape: number[]) => [
    0,
    0,
    8,
    shape.length,
    ...shape.flatMap((size) => [0, 0, size >> 8, size & 255]),
  ];
  const pixels = new Uint8Array(count * 784);
  for (let at = 0; at < pixels.length; at++) {
    const [image, row, column] = [Math.floor(at / 784), Math.floor(at / 28) % 28, at % 28];
    // A bar whose place and slope tell the digit, with a little of the image's own.
    const distance = Math.abs(row - column * ((image % 10) / 10) - (image % 7) - 4);
    pixels[at] = distance < 3 ? 255 - 60 * distance : (at * 31) % 11;
  }
  const images = [...header(count, 28, 28)];
  const labels = Uint8Array.from([...header(count), ...Array.from({ length: count }, (_, image) => image % 10)]);
  writeFileSync(join(folder, `${prefix}-images-idx3-ubyte`), Buffer.concat([Uint8Array.from(images), pixels]));
  writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte`), labels);
}
