import { readFileSync } from "node:fs";
import { decode } from "fast-png";
import * as assert from "uvu/assert";
import { Sora, type study, weightsSha256 } from "../../src/index.ts";
import { loadModel } from "../../src/node.ts";
import { atWork, lastLine, quarkgrad, refused, succeeds } from "../helpers/commandLine.ts";
import { sha256 } from "../helpers/sha256.ts";
import { suite } from "../helpers/suite.ts";

const one = ["--threads", "1"];
const hashOf = (file: string) => sha256(readFileSync(file));

suite("quarkgrad ablate", (test) => {
  test("shows each removal, twice the same, and proves that nothing was changed", () =>
    atWork({ test: 30 }, async ({ data, weights, written }) => {
      const bytes = hashOf(weights);
      const args = ["ablate", weights, "--data", data, "--limit", "12"];
      const [first, second, json] = await Promise.all([
        succeeds([...args, ...one]),
        succeeds([...args, "--threads", "2"]),
        quarkgrad([...args, ...one, "--json", "--neurons"]),
      ]);
      assert.is(second, first);
      assert.match(first, /^on the first 12 test images:\n/);
      const rows = first.split("\n").filter((line) => line.startsWith("│"));
      assert.is(rows.length, 1 + 1 + 96 + 6 + 3);
      for (const kind of ["filter", "layer", "activation"]) assert.match(first, new RegExp(`│ ${kind} +│`));
      assert.match(
        first,
        /^rank correlation with the rise of the loss, over 96 filters: \|gradient × activation\| -?\d/m,
      );
      const model = loadModel(new Sora(), weights);
      const hash = weightsSha256(model);
      model.dispose();
      assert.ok(first.includes(`restored exactly: weights have sha256 ${hash} before and after\n`));
      assert.is(hashOf(weights), bytes);

      assert.is(json.code, 0, json.stderr);
      assert.match(json.stderr, /over 138 neurons/);
      assert.is(json.stdout.trimEnd().split("\n").length, 1);
      const found = lastLine<study.Ablation>(json.stdout);
      const count = (kind: study.RemovalKind) => found.removals.filter((removal) => removal.kind === kind).length;
      assert.equal([count("filter"), count("neuron"), count("layer"), count("activation")], [96, 138, 6, 3]);
      assert.is(found.samples, 12);
      assert.is(found.weightsSha256, hash);
      assert.equal(written(), []);
    }));
});

suite("quarkgrad prune", (test) => {
  test("shows what is saved and lost, and writes weights that every command reads", () =>
    atWork({ train: 10, test: 20 }, async ({ data, weights, path, written }) => {
      const args = ["prune", weights, "--data", data, "--limit", "10", ...one];
      const saved = path("pruned.safetensors");
      const [shown, json] = await Promise.all([succeeds([...args, "--save", saved]), quarkgrad([...args, "--json"])]);
      assert.is(json.code, 0, json.stderr);
      const { keep, pruning, before, after } = lastLine<{
        keep: Record<"conv1" | "conv2", number[]>;
        pruning: study.Pruning;
        before: { accuracy: number; costs: study.CostTable };
        after: { accuracy: number; costs: study.CostTable };
      }>(json.stdout);
      assert.is(keep.conv1.length + keep.conv2.length, 96 - 24);
      assert.is(pruning.parametersBefore, 421_642);
      assert.is(after.costs.total.parameters, pruning.parametersAfter);
      assert.ok(after.costs.total.multiplyAdds < before.costs.total.multiplyAdds);
      assert.ok(pruning.relativeDifference <= 1e-6);
      assert.ok(pruning.float64Difference <= 1e-6);
      assert.match(shown, /^the filters whose removal moves the loss least, on the first 10 training images:$/m);
      assert.match(shown, new RegExp(`^conv2: ${keep.conv2.length} of 64 filters stay`, "m"));
      assert.match(
        shown,
        /^ {2}as computed, in float32: \S+ at most, which is \S+ of the largest output \(allowed: 1e-6 of it\)$/m,
      );
      assert.match(
        shown,
        /^ {2}by the ops' definitions, in float64, on the first image: 0 at most \(allowed: 1e-6\)$/m,
      );
      assert.match(shown, new RegExp(`total +│ +│ +421,642 → ${pruning.parametersAfter.toLocaleString("en-US")} `));
      assert.match(shown, /^test accuracy \d+\.\d\d % before, \d+\.\d\d % after$/m);
      assert.equal(written(), ["pruned.safetensors"]);
      const summary = await succeeds(["summary", saved]);
      assert.match(summary, new RegExp(`^Total parameters: ${pruning.parametersAfter.toLocaleString("en-US")}$`, "m"));
    }));

  test("leaves no half of a file where it cannot write", () =>
    atWork({ train: 5, test: 5 }, async ({ data, weights, path, written }) => {
      const save = path("missing/pruned.safetensors");
      const { code, stderr } = await quarkgrad(["prune", weights, "--data", data, "--save", save, ...one]);
      assert.is(code, 2);
      assert.match(stderr, /quarkgrad: .*there is no folder .*missing; nothing was written\n$/);
      assert.equal(written(), []);
    }));
});

suite("quarkgrad attribute", (test) => {
  test("adds up, and writes pictures", () =>
    atWork({ test: 3 }, async ({ data, weights, path, written }) => {
      const args = ["attribute", weights, "--data", data, "--count", "3", "--steps", "8"];
      const [shown, again, json, saliency] = await Promise.all([
        succeeds([...args, "--out", path("pictures")]),
        succeeds([...args, "--out", path("pictures")]),
        quarkgrad([...args, "--out", path("json"), "--json"]),
        succeeds([...args, "--out", path("saliency"), "--method", "saliency"]),
      ]);
      assert.is(again, shown);
      assert.match(shown, /^integrated: red speaks for the class, blue against it\n/);
      assert.is(shown.split("\n").filter((line) => /^│ +\d/.test(line)).length, 3);
      assert.match(shown, /^the sums are off by at most \d+\.\d{3} %$/m);
      assert.is(json.code, 0, json.stderr);
      const { images, pictures } = lastLine<{ images: study.Completeness[]; pictures: string[] }>(json.stdout);
      assert.is(images.length, 3);
      for (const { sum, difference, error } of images) {
        assert.is(error, Math.abs(sum - difference) / Math.abs(difference));
      }
      const names = (method: string) =>
        ["conv1-filters", "conv1-maps", "conv2-filters", "conv2-maps", "digits", method]
          .map((name) => `${name}.png`)
          .sort();
      assert.equal(written("pictures"), names("integrated"));
      assert.equal(pictures.map((file) => file.slice(path("json").length + 1)).sort(), names("integrated"));
      assert.equal(written("saliency"), names("saliency"));
      assert.not.match(saliency, /off by/);
      const { width, height } = decode(readFileSync(path("pictures/integrated.png")));
      assert.equal([width, height], [3 * (28 * 4 + 2) + 2, 28 * 4 + 4]);
    }));

  test("refuses an unknown method", () =>
    refused(["attribute", "--method", "magic"], /'magic' is invalid\. Allowed choices are saliency, gradient/));
});

suite("commands that need weights", (test) => {
  test("say in one line how to make them", () =>
    atWork({ test: 1 }, async ({ data, path, written }) => {
      const checks = ["ablate", "prune", "attribute"].flatMap((command) => [
        refused(
          [command],
          new RegExp(
            `^quarkgrad: ${command}: trained weights are needed; make them with "npx quarkgrad train --save sora.safetensors" and run "npx quarkgrad ${command} sora.safetensors"\n$`,
          ),
        ),
        refused(
          [command, `${data}/t10k-labels-idx1-ubyte`],
          /^quarkgrad: .*t10k-labels-idx1-ubyte: safetensors: .*; make weights with "npx quarkgrad train --save sora\.safetensors"\n$/,
        ),
      ]);
      await Promise.all([
        ...checks,
        refused(["prune", path("none")], /none: there is no such file or folder; .*make weights with/),
      ]);
      assert.equal(written(), []);
    }));

  test("refuse options that cannot be, and missing data", () =>
    atWork({ test: 1 }, async ({ weights, path }) => {
      await Promise.all([
        refused(
          ["ablate", weights, "--limit", "none"],
          /'none' is invalid\. It must be a whole number of at least 1\./,
        ),
        refused(["ablate", weights, "--data", path("nowhere")], /there is no t10k-images-idx3-ubyte/),
        refused(
          ["prune", weights, "--remove", "95"],
          /prune: 95 filters cannot go; there are 96, and each layer keeps one/,
        ),
        refused(["attribute", weights, "--count", "0"], /'0' is invalid/),
        refused(["attribute", weights, "--data", path("nowhere")], /there is no t10k-images-idx3-ubyte/),
      ]);
    }));
});
