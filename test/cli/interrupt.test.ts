import { readFileSync } from "node:fs";
import { decode } from "fast-png";
import * as assert from "uvu/assert";
import { atWork, quarkgrad } from "../helpers/commandLine.ts";
import { sha256 } from "../helpers/sha256.ts";
import { suite } from "../helpers/suite.ts";

const one = ["--threads", "1"];
const hashOf = (file: string) => sha256(readFileSync(file));

suite("Ctrl-C", (test) => {
  test("ends ablate with the batch under way, and reports it", () =>
    atWork({ test: 400 }, async ({ data, weights, written }) => {
      const bytes = hashOf(weights);
      const args = ["ablate", weights, "--data", data, ...one];
      const { code, signal, stdout } = await quarkgrad(args, /^removals 1\/420 /m);
      assert.equal([code, signal], [130, null]);
      assert.match(stdout, /^on the first 100 of 400 test images \(stopped by Ctrl-C\):\n/);
      assert.match(stdout, /│ relu#3 +│/);
      assert.match(stdout, /^restored exactly: weights have sha256 [0-9a-f]{64} before and after$/m);
      assert.is(hashOf(weights), bytes);
      assert.equal(written(), []);
    }));

  test("ends prune without a file, and says what was measured", () =>
    atWork({ train: 400, test: 10 }, async ({ data, weights, path, written }) => {
      const args = ["prune", weights, "--data", data, "--save", path("pruned.safetensors"), ...one];
      const { code, signal, stdout } = await quarkgrad(args, /^removals 1\/420 /m);
      assert.equal([code, signal], [130, null]);
      assert.match(stdout, /^on the first 100 of 400 training images \(stopped by Ctrl-C\):\n/);
      assert.match(stdout, /\nnothing was pruned, and nothing was written\n$/);
      assert.equal(written(), []);
    }));

  test("ends attribute with pictures of the images so far", () =>
    atWork({ test: 50 }, async ({ data, weights, path, written }) => {
      const out = path("pictures");
      const args = ["attribute", weights, "--data", data, "--count", "50", "--steps", "200", "--out", out];
      const { code, signal, stdout } = await quarkgrad(args, /^images 1\/50 /m);
      assert.equal([code, signal], [130, null]);
      const done = Number(/\(stopped by Ctrl-C after (\d+) of 50\)\n/.exec(stdout)?.[1]);
      assert.ok(done >= 1 && done < 50, `${done}`);
      assert.is(stdout.split("\n").filter((line) => /^│ +\d/.test(line)).length, done);
      assert.is(written("pictures").length, 6);
      const { width } = decode(readFileSync(`${out}/digits.png`));
      assert.is(width, Math.min(done, 10) * (28 * 4 + 2) + 2);
    }));
});
