/** The harness against files that are broken on purpose: each must be reported red. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { runFile } from "./helpers/runFile.ts";
import { suite } from "./helpers/suite.ts";

const folder = fileURLToPath(new URL("helpers/broken/", import.meta.url));

/** What the report must say of each file, and how many seconds it may take. */
const verdicts: Record<string, { says: RegExp; failed?: number; limit?: number }> = {
  exits: { says: /registered no test|ended early/ },
  fails: { says: /plainly/, failed: 1 },
  forgottenRun: { says: /registered no test/ },
  hangs: { says: /did not end within 2 s/, limit: 2 },
  leaksWorker: { says: /Still alive after the last test: .* was not closed/ },
  leavesScope: { says: /the test left a scope open/, failed: 1 },
  leaksMemory: { says: /the test leaks: 0 blocks .* now live: "kept" \[2, 3\] 64 bytes/, failed: 1 },
  writesOutside: { says: /wrote behind the block/, failed: 1 },
  loops: { says: /did not end within 2 s/, limit: 2 },
  neverSettles: { says: /ended early: exit code 1|Exiting early/ },
  noTest: { says: /registered no test/ },
  only: { says: /Only "narrowed: runs alone" was run/ },
  rejectsUnheard: { says: /nobody awaits this/ },
  skips: { says: /remove .only and .skip/ },
  throwingHook: { says: /failed without being reported/, failed: 1 },
  throwsLate: { says: /too late for the report/ },
};

suite("harness", (test) => {
  test("a sound file is green", async () => {
    const { passed, failed, problems, output } = await runFile(`${folder}sound.ts`);
    assert.equal({ passed, failed, problems }, { passed: 2, failed: 0, problems: [] }, output);
  });

  for (const [name, { says, failed = 0, limit = 60 }] of Object.entries(verdicts)) {
    test(`${name} is red`, async () => {
      const result = await runFile(`${folder}${name}.ts`, limit);
      assert.ok(result.failed + result.problems.length > 0, `reported green:\n${result.output}`);
      assert.is(result.failed, failed, result.output);
      assert.match(`${result.output}\n${result.problems.join("\n")}`, says);
    });
  }

  test("every broken file is here", () => {
    const names = readdirSync(folder).map((file) => file.replace(/\.ts$/, ""));
    assert.equal(names.sort(), ["sound", ...Object.keys(verdicts)].sort());
  });
});
