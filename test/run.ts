/**
 * Runs every `test/**\/*.test.ts`, each in a process of its own, two at a time, and ends with the line `N passed, N failed`.
 * `npm test -- conv2d matmul` runs the files whose path contains one of the words.
 */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Result, runFile } from "./helpers/runFile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

const words = process.argv.slice(2);
const files = readdirSync("test", { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();

let passed = 0;
let failed = 0;
const waiting = [...files];
await Promise.all([worker(), worker()]);
if (files.length === 0) {
  console.log(`No test file's path contains ${words.join(" or ")}.`);
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function worker(): Promise<void> {
  for (let file = waiting.shift(); file; file = waiting.shift()) report(await runFile(file));
}

function report(result: Result): void {
  const failures = result.failed + result.problems.length;
  passed += result.passed;
  failed += failures;
  const time = `${result.seconds.toFixed(1)} s`;
  if (failures === 0) {
    console.log(`ok    ${result.file}  ${result.passed} tests, ${time}`);
    return;
  }
  const indented = result.output.trimEnd().replace(/^/gm, "      ");
  console.log(`FAIL  ${result.file}  ${result.passed} passed, ${failures} failed, ${time}`);
  console.log(indented.replace(/^\s*\n/, ""));
  for (const problem of result.problems) console.log(`      ${result.file} ${problem}.`);
}
