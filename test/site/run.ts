/**
 * `npm run test:site` runs every `test/site/*.browser.ts` against the built site in the browsers of this machine, and ends with the
 * line `N passed, N failed`. Without a Chromium there is nothing to run them in, and it says so.
 */
import { fileURLToPath } from "node:url";
import { runFiles } from "../helpers/runFiles.ts";
import { filesIn } from "../helpers/sources.ts";
import { transpile } from "../helpers/transpile.ts";
import { programOf } from "./how/browser.ts";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
const words = process.argv.slice(2);
let passed = 0;
let failed = 0;
if (programOf("chromium")) {
  await transpile();
  const files = filesIn("test/site", ".browser.ts").filter(
    (file) => words.length === 0 || words.some((word) => file.includes(word)),
  );
  for (const file of files) {
    for await (const result of runFiles([file], 300)) {
      const failures = result.failed + result.problems.length;
      passed += result.passed;
      failed += failures;
      console.log(
        `${failures === 0 ? "ok   " : "FAIL "} ${file}  ${result.passed} passed, ${result.seconds.toFixed(1)} s`,
      );
      if (failures > 0) console.log([result.output, ...result.problems].join("\n"));
    }
  }
} else console.log("There is no Chromium here; CHROMIUM=/path/to/chromium names one.");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
