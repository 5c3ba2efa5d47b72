/** Runs one test file in a process of its own and says, without trusting it, how it went. */
import { spawn } from "node:child_process";

export interface Result {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  /** What is wrong with the file as a whole: a crash, a hang, no test at all. Each counts as one failure. */
  readonly problems: readonly string[];
  readonly output: string;
  readonly seconds: number;
}

export async function runFile(file: string, limitSeconds = 120): Promise<Result> {
  const start = performance.now();
  const { output, code, signal, late } = await runToEnd(file, limitSeconds);
  const total = countOf(output, "Total");
  const passed = countOf(output, "Passed") ?? 0;
  const failed = (total ?? 0) - passed;
  const problems: string[] = [];
  if (late) problems.push(`did not end within ${limitSeconds} s and was stopped`);
  else if (total === undefined)
    problems.push(code === 0 ? "registered no test" : `ended early: ${ending(code, signal)}`);
  else if (total === 0) problems.push("registered no test");
  else if (code !== 0 && failed === 0)
    problems.push(`all tests passed, but the process failed: ${ending(code, signal)}`);
  if ((countOf(output, "Skipped") ?? 0) > 0) problems.push("has tests that were not run: remove .only and .skip");
  if (code === 0 && failed > 0) problems.push("has tests that failed without being reported: does a hook throw?");
  return { file, passed, failed, problems, output, seconds: (performance.now() - start) / 1000 };
}

interface Ending {
  output: string;
  code: number | null;
  signal: NodeJS.Signals | null;
  late: boolean;
}

/** The file leads a process group, so that what it started is stopped with it. */
function runToEnd(file: string, limitSeconds: number): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", "--unhandled-rejections=throw", file], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
      detached: true,
    });
    const parts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => parts.push(text));
    }
    const stop = () => {
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        // The group has already ended.
      }
    };
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      stop();
    }, limitSeconds * 1000);
    child.on("error", reject);
    // A grandchild may hold the pipes open: what counts is the end of the test process.
    child.on("exit", () => setTimeout(stop, 200).unref());
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ output: parts.join(""), code, signal, late });
    });
  });
}

/** The last such line of uvu's report; a test may print anything before it. */
function countOf(output: string, label: string): number | undefined {
  const lines = [...output.matchAll(new RegExp(`^ {2}${label}: +(\\d+)$`, "gm"))];
  return lines.length === 0 ? undefined : Number(lines.at(-1)![1]);
}

function ending(code: number | null, signal: NodeJS.Signals | null): string {
  return signal ? `killed by ${signal}` : `exit code ${code}`;
}
