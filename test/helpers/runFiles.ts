/** Runs test files one after another in a process and says, without trusting them, how each went. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Outcome } from "./process.ts";
import { transpiled } from "./transpile.ts";

export interface Result {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  /** What is wrong with the file as a whole: a crash, a hang, no test at all. Each counts as one failure. */
  readonly problems: readonly string[];
  readonly output: string;
  readonly seconds: number;
}

/** The files, which `transpile` has seen, share a process until one of them fails: then the next gets a new one. */
export async function* runFiles(files: Iterable<string>, limitSeconds = 120): AsyncGenerator<Result> {
  let process: TestProcess | undefined;
  try {
    for (const file of files) {
      process ??= new TestProcess();
      const result = await process.run(file, limitSeconds);
      yield result;
      if (result.failed + result.problems.length === 0) continue;
      await process.end();
      process = undefined;
    }
  } finally {
    await process?.end();
  }
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

class TestProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), "quarkgrad-test-"));
  /** Standard output and standard error in the order they are written; what was written before a message is there with it. */
  readonly #output = openSync(join(this.#folder, "output"), "wx+");
  readonly #child: ChildProcess;
  readonly #exit: Promise<Exit>;

  constructor() {
    const program = resolve(transpiled("test/helpers/process.ts"));
    // It leads a process group, so that what it started is stopped with it.
    this.#child = spawn(process.execPath, ["--enable-source-maps", "--unhandled-rejections=throw", program], {
      stdio: ["ignore", this.#output, this.#output, "ipc"],
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
      detached: true,
    });
    this.#exit = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("exit", (code, signal) => resolve({ code, signal }));
    });
  }

  async run(file: string, limitSeconds: number): Promise<Result> {
    const child = this.#child;
    const start = performance.now();
    const begin = fstatSync(this.#output).size;
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      this.#stop();
    }, limitSeconds * 1000);
    child.send(pathToFileURL(resolve(transpiled(file))).href);
    const told = new Promise<Outcome>((resolve) => child.once("message", (message) => resolve(message as Outcome)));
    const ending = await Promise.race([told, this.#exit]);
    clearTimeout(limit);
    const problems: string[] = [];
    const counts = "total" in ending ? ending : { total: 0, passed: 0 };
    if (late) problems.push(`did not end within ${limitSeconds} s and was stopped`);
    else if ("total" in ending) problems.push(...complaints(ending));
    else problems.push(`ended early: ${ending.signal ? `killed by ${ending.signal}` : `exit code ${ending.code}`}`);
    const output = Buffer.alloc(fstatSync(this.#output).size - begin);
    readSync(this.#output, output, 0, output.length, begin);
    return {
      file,
      passed: counts.passed,
      failed: counts.total - counts.passed,
      problems,
      output: output.toString(),
      seconds: (performance.now() - start) / 1000,
    };
  }

  async end(): Promise<void> {
    this.#stop();
    await this.#exit;
    closeSync(this.#output);
    rmSync(this.#folder, { recursive: true });
  }

  #stop(): void {
    try {
      process.kill(-this.#child.pid!, "SIGKILL");
    } catch {
      // The group has already ended.
    }
  }
}

function complaints({ total, skipped, unreported, exitCode, open }: Outcome): string[] {
  const problems: string[] = [];
  if (total === 0) problems.push("registered no test");
  if (skipped > 0) problems.push(`has ${skipped} tests that were not run: remove .only and .skip`);
  if (unreported) problems.push("has tests that failed without being reported: does a hook throw?");
  if (exitCode !== 0) problems.push(`all tests passed, but the process would end with exit code ${exitCode}`);
  if (open.length > 0) problems.push(`left open after its last test: ${open.join(", ")}`);
  return problems;
}
