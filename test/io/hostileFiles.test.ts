/** Every parser, on every prefix of valid files and on mutations of them. `npm run fuzz` makes more. */
import * as assert from "uvu/assert";
import { scope } from "../../src/core/scope.ts";
import { fuzz, fuzzed, fuzzedOfModels, survives } from "../helpers/fuzz.ts";
import { suite } from "../helpers/suite.ts";

/** Inputs of a format within the tests; MUTATIONS in the environment overrules it. */
const count = Number(process.env.MUTATIONS ?? 20_000);
const seed = Number(process.env.SEED ?? 1);

suite("hostile files", (test) => {
  for (const target of [...fuzzed, ...scope(fuzzedOfModels)]) {
    test(`${target.format}: no prefix of a valid file is taken for one`, () => {
      for (const file of target.seeds) {
        assert.ok(survives(target, file, "whole") || target.format.startsWith("weights") || target.format === "npy");
        for (let length = 0; length < file.length; length++) {
          // The last byte of a graph is a newline.
          const space = target.format === "graph" && length === file.length - 1;
          assert.is(survives(target, file.subarray(0, length), `the first ${length} bytes`), space);
        }
      }
    });

    test(`${target.format}: ${count} mutations of seed ${seed}`, () => {
      const accepted = fuzz(target, count, seed);
      // Some are harmless, such as another number; most are not.
      assert.ok(accepted > count / 2000 && accepted < 0.9 * count, `${accepted} were accepted`);
    });
  }
});
