/**
 * `npm run runtimes -- COMMAND…`: trains a few steps in each runtime, on one thread and on two, and compares the
 * weights' hashes: they must be one. A COMMAND is what runs a module ("node", "bun", "deno run --allow-all"), or with
 * `--browser` in front of it what opens a page ("chromium --headless --no-sandbox"). This Node is always among them.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { fromBrowser } from "./browser.ts";

interface Result {
  readonly wanted: number;
  readonly threads: number;
  readonly reason: string;
  readonly sha256: string;
}

/** Milliseconds. */
const limit = 120_000;

/** The last line that the module prints. */
function fromCommand(command: string): Promise<string> {
  const [program, ...args] = command.split(" ");
  return new Promise((resolve, reject) => {
    const child = spawn(program!, [...args, fileURLToPath(new URL("main.js", import.meta.url))], { timeout: limit });
    let printed = "";
    let complaint = "";
    child.stdout.on("data", (text) => (printed += text));
    child.stderr.on("data", (text) => (complaint += text));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(printed.trim().split("\n").at(-1)!);
      else reject(new Error(`it ended with code ${code}: ${complaint.trim().split("\n").at(-1)}`));
    });
  });
}

const commands = process.argv.slice(2);
const table = new Table({ head: ["runtime", "threads", "SHA-256 of the weights"], style: { head: [], border: [] } });
const hashes = new Set<string>();
let failed = false;
const ask = async (name: string, answer: Promise<string>) => {
  try {
    const results = JSON.parse(await answer) as Result[] | { error: string };
    if ("error" in results) throw new Error(results.error);
    for (const { threads, reason, sha256 } of results) {
      hashes.add(sha256);
      table.push([name, reason ? `${threads} (${reason})` : `${threads}`, sha256.slice(0, 32)]);
    }
  } catch (error) {
    failed = true;
    table.push([name, "–", error instanceof Error ? error.message : String(error)]);
  }
};
await ask(`node ${process.version}`, fromCommand(process.execPath));
for (let at = 0; at < commands.length; at++) {
  const isBrowser = commands[at] === "--browser";
  const command = isBrowser ? commands[++at]! : commands[at]!;
  await ask(command.split(" ")[0]!.split("/").at(-1)!, isBrowser ? fromBrowser(command, limit) : fromCommand(command));
}
console.log(`${table}`);
console.log(hashes.size === 1 ? "The same bits everywhere." : `${hashes.size} different results.`);
process.exitCode = failed || hashes.size !== 1 ? 1 : 0;
