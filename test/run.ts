/**
 * Runs every `test/**\/*.test.ts` and ends with the line `N passed, N failed`. `npm test -- conv2d matmul` runs the files whose path
 * contains one of the words.
 *
 * Two processes work at a time. Tests of particles, of which there are most, follow one another in them; any other file may depend
 * on what a process does at first, and has one of its own.
 */
import { fileURLToPath } from "node:url";
import { type Result, runFiles } from "./helpers/runFiles.ts";
import { filesIn } from "./helpers/sources.ts";
import { transpile } from "./helpers/transpile.ts";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
await transpile();

const words = process.argv.slice(2);
const files = filesIn("test", ".test.ts").filter(
  (file) => words.length === 0 || words.some((word) => file.includes(word)),
);
const shared = files.filter((file) => file.startsWith("test/particles/"));
const alone = files.filter((file) => !shared.includes(file));

let passed = 0;
let failed = 0;
await Promise.all([work(), work()]);
if (files.length === 0) {
  console.log(`No test file's path contains ${words.join(" or ")}.`);
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** The long files are among those that run alone, so these come first. */
async function work(): Promise<void> {
  for (const file of taken(alone)) for await (const result of runFiles([file])) report(result);
  for await (const result of runFiles(taken(shared))) report(result);
}

/** Each file goes to who asks first. */
function* taken(waiting: string[]): Generator<string> {
  for (let file = waiting.shift(); file; file = waiting.shift()) yield file;
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
