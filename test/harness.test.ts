/** The harness against files that are broken on purpose: each must be reported red, and no other for it. */
import * as assert from "uvu/assert";
import { type Result, runFiles } from "./helpers/runFiles.ts";
import { filesIn } from "./helpers/sources.ts";
import { suite } from "./helpers/suite.ts";

const folder = "test/helpers/broken/";
const sound = `${folder}sound.ts`;

/** What the report must say of each file, and how many seconds it may take. */
const verdicts: Record<string, { says: RegExp; failed?: number; limit?: number }> = {
  exits: { says: /ended early: exit code 0/ },
  fails: { says: /plainly/, failed: 1 },
  forgottenRun: { says: /registered no test/ },
  hangs: { says: /did not end within 2 s/, limit: 2 },
  leaksWorker: { says: /left open after its last test: a worker/ },
  leavesScope: { says: /the test left a scope open/, failed: 1 },
  leaksMemory: { says: /the test leaks: 0 blocks .* now live: "kept" \[2, 3\] 64 bytes/, failed: 1 },
  writesOutside: { says: /wrote behind the block/, failed: 1 },
  loops: { says: /did not end within 2 s/, limit: 2 },
  neverSettles: { says: /ended early: exit code 0/ },
  noTest: { says: /registered no test/ },
  only: { says: /has 1 tests that were not run: remove .only and .skip/ },
  rejectsUnheard: { says: /nobody awaits this[\s\S]*ended early: exit code 1/ },
  setsExitCode: { says: /all tests passed, but the process would end with exit code 3/ },
  skips: { says: /has 1 tests that were not run: remove .only and .skip/ },
  throwingHook: { says: /failed without being reported/, failed: 1 },
  throwsLate: { says: /too late for the report[\s\S]*ended early: exit code 1/ },
};

async function resultsOf(files: readonly string[], limitSeconds = 60): Promise<Result[]> {
  const results: Result[] = [];
  for await (const result of runFiles(files, limitSeconds)) results.push(result);
  return results;
}

function checkSound({ file, passed, failed, problems, output }: Result): void {
  assert.equal({ file, passed, failed, problems }, { file: sound, passed: 2, failed: 0, problems: [] }, output);
}

suite("harness", (test) => {
  for (const [name, { says, failed = 0, limit = 60 }] of Object.entries(verdicts)) {
    test(`${name} is red, and what runs before and after it is green`, async () => {
      const [before, broken, after, ...more] = await resultsOf([sound, `${folder}${name}.ts`, sound], limit);
      checkSound(before!);
      checkSound(after!);
      assert.is(more.length, 0);
      assert.ok(broken!.failed + broken!.problems.length > 0, `reported green:\n${broken!.output}`);
      assert.is(broken!.failed, failed, broken!.output);
      assert.match(`${broken!.output}\n${broken!.problems.join("\n")}`, says);
    });
  }

  test("every broken file is here", () => {
    const names = filesIn(folder, ".ts").map((file) => file.slice(folder.length, -".ts".length));
    assert.equal(names.sort(), ["sound", ...Object.keys(verdicts)].sort());
  });
});
