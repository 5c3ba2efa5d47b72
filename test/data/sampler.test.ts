import * as assert from "uvu/assert";
import { defaultGenerator, Generator, manualSeed } from "../../src/core/generator.ts";
import { indexBatches } from "../../src/data/sampler.ts";
import { golden } from "../golden/random.ts";
import { sha256 } from "../helpers/sha256.ts";
import { suite } from "../helpers/suite.ts";

suite("sampler", (test) => {
  for (const [name, { epochs, after }] of Object.entries(golden.orders)) {
    test(`two epochs, ${name}, in the order of PyTorch's DataLoader`, () => {
      manualSeed(0);
      const options = {
        batchSize: 64,
        shuffle: name !== "sequential",
        dropLast: false,
        generator: name === "generator" ? new Generator(7) : undefined,
      };
      for (const expected of epochs) {
        const order = [...indexBatches(1000, options)].flatMap((batch) => [...batch]);
        assert.is(sha256(Int32Array.from(order)), expected);
      }
      assert.is(defaultGenerator.uniform(), after);
    });
  }

  test("the last batch is what is left, or left out", () => {
    const sizes = (size: number, dropLast: boolean) =>
      [...indexBatches(size, { batchSize: 4, shuffle: true, dropLast })].map((batch) => batch.length);
    assert.equal(sizes(10, false), [4, 4, 2]);
    assert.equal(sizes(10, true), [4, 4]);
    assert.equal(sizes(8, false), [4, 4]);
    assert.equal(sizes(3, true), []);
    assert.equal(sizes(0, false), []);
  });
});
