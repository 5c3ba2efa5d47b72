/** `kill -9` at random times. `KILLS=200 npm test -- io/killed` for more than the 20 of each kind. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import * as assert from "uvu/assert";
import { readSafetensors } from "../../src/index.ts";
import { loadGraph } from "../../src/node.ts";
import { suite } from "../helpers/suite.ts";
import { randomIn } from "../helpers/values.ts";

const kills = Number(process.env.KILLS ?? 20);
const interval = 5;
const steps = 60 * kills + 300;
const home = mkdtempSync(join(tmpdir(), "quarkgrad-killed-"));
process.on("exit", () => rmSync(home, { recursive: true }));
const program = join(home, "killable.mjs");
buildSync({
  entryPoints: [fileURLToPath(new URL("../helpers/killable.ts", import.meta.url))],
  outfile: program,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2022",
  ignoreAnnotations: true,
});

/** Runs the program, kills it some milliseconds after it printed `mark`, and returns its whole lines. */
function run(args: readonly string[], milliseconds?: number, mark = "\n"): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    let waiting = milliseconds !== undefined;
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (!waiting || !text.includes(mark)) return;
      waiting = false;
      setTimeout(() => child.kill("SIGKILL"), milliseconds);
    });
    child.on("error", reject);
    child.on("close", () => resolve(text.split("\n").slice(0, -1)));
  });
}

const folderOf = (name: string): string => {
  const folder = join(home, name);
  mkdirSync(folder);
  return folder;
};
const temporary = (folder: string) => readdirSync(folder).filter((name) => name.startsWith(".quarkgrad-tmp"));
/** The number in the last line that begins with a word. */
const last = (lines: readonly string[], word: string) =>
  Number(lines.findLast((line) => line.startsWith(word))?.slice(word.length) ?? 0);

suite("kill -9", (test) => {
  test(`${kills} times while training: at most ${interval} steps are lost, and the curve is that of an uninterrupted run`, async () => {
    const folder = folderOf("train");
    const random = randomIn(1);
    const reached = new Map<string, string>();
    let saved = 0;
    let orphans = 0;
    for (let turn = 0; turn <= kills; turn++) {
      const lines = await run(["train", folder, String(steps)], turn < kills ? 1 + 60 * random() : undefined);
      const from = last(lines, "from ");
      // Either what was said to be saved, or a later one whose report did not come through.
      assert.ok(
        from >= saved && from <= saved + interval,
        `kill ${turn}: goes on from ${from} after ${saved} was saved`,
      );
      for (const line of lines.filter((one) => /^\d/.test(one))) {
        const [step, loss] = line.split(" ") as [string, string];
        assert.is(reached.get(step) ?? loss, loss, `kill ${turn}: the loss of step ${step}`);
        reached.set(step, loss);
      }
      saved = Math.max(from, last(lines, "saved "));
      const left = temporary(folder);
      orphans += left.length;
      assert.ok(left.length <= 1, left.join());
      for (const name of readdirSync(folder).filter((one) => !left.includes(one))) {
        readSafetensors(readFileSync(join(folder, name)));
      }
      if (turn < kills) continue;
      const { length } = [...reached];
      assert.is(length, steps);
      const whole = await run(["train", folderOf("whole"), String(steps)]);
      assert.equal(lines.at(-1), whole.at(-1));
      const losses = whole.filter((line) => /^\d/.test(line)).map((line) => line.split(" ")[1]);
      assert.equal([...reached.values()], losses);
    }
    assert.equal([temporary(folder), readdirSync(folder).length], [[], 2], `${orphans} orphans were left by kills`);
  });

  for (const [what, weightOf, most] of [
    ["model", (folder: string) => readSafetensors(readFileSync(join(folder, "model.safetensors"))).tensors, 2],
    ["graph", (folder: string) => loadGraph(join(folder, "graph")).tensors, 4],
  ] as const) {
    test(`${kills} times while a ${what} is written: it is the old one or the new one, and orphans go with the next start`, async () => {
      const folder = folderOf(what);
      const random = randomIn(2);
      let before = 0;
      let killed = 0;
      for (let turn = 0; turn < kills; turn++) {
        const lines = await run([what, folder], 30 * random(), turn === 0 ? "wrote" : undefined);
        const { data } = weightOf(folder).get("0.weight")!;
        before = last(lines, "wrote ") || before;
        assert.ok(
          [before, last(lines, "begins ")].includes(data[0]!),
          `${data[0]} at ${lines.at(-1)}, before ${before}`,
        );
        assert.ok(data.every((value) => value === data[0]));
        before = data[0]!;
        if (lines.at(-1)!.startsWith("begins")) killed++;
        // The numbers of the graph before, of the one being written, and what the killed process left half-written.
        const place = what === "graph" ? join(folder, "graph") : folder;
        assert.ok(readdirSync(place).length <= most, readdirSync(place).join());
      }
      assert.ok(killed > kills / 4, `only ${killed} were killed while they wrote`);
    });
  }
});
