import * as assert from "uvu/assert";
import { defaultGenerator, Generator, manualSeed } from "../../src/core/generator.ts";
import { randn } from "../../src/core/random.ts";
import { DataError, QuarkError } from "../../src/errors.ts";
import { golden } from "../golden/random.ts";
import { sha256 } from "../helpers/sha256.ts";
import { suite } from "../helpers/suite.ts";

function refuses(kind: typeof QuarkError, message: string, body: () => void): void {
  assert.throws(body, (error: Error) => error instanceof kind && error.message === message);
}

suite("generator against PyTorch", (test) => {
  for (const { seed, random63, random40, state } of golden.draws) {
    test(`seed ${seed}`, () => {
      const generator = new Generator(BigInt(seed));
      assert.equal(
        random63.map(() => String(generator.random63())),
        random63,
      );
      generator.manualSeed(BigInt(seed));
      assert.equal(
        random40.map(() => generator.below(2 ** 40 + 7)),
        random40,
      );
      generator.manualSeed(BigInt(seed));
      for (let count = 0; count < 700; count++) generator.uniform();
      assert.is(sha256(generator.getState()), state);
    });
  }
});

suite("generator", (test) => {
  test("a number and the same bigint are one seed, of which the lowest 32 bits count", () => {
    const first = new Generator(5).random();
    assert.is(new Generator(5n).random(), first);
    assert.is(new Generator(2 ** 32 + 5).random(), first);
    assert.is(new Generator(-7).initialSeed, 2n ** 64n - 7n);
  });

  test("manualSeed seeds the default generator, other generators go their own way", () => {
    assert.is(manualSeed(3), defaultGenerator);
    const other = new Generator(3);
    const first = defaultGenerator.random();
    other.manualSeed(4);
    assert.is(new Generator(3).random(), first);
    assert.is(defaultGenerator.initialSeed, 3n);
  });

  test("goes on from a saved state, also in the middle of a normal pair", () => {
    const generator = new Generator(9);
    for (const draws of [0, 1, 623, 1, 1, 700]) {
      for (let count = 0; count < draws; count++) generator.random();
      randn([3], { generator });
      const saved = generator.getState();
      const ahead = [...randn([3], { generator }).data, generator.random()];
      const restored = new Generator().setState(saved);
      assert.equal([...randn([3], { generator: restored }).data, restored.random()], ahead);
      assert.is(restored.initialSeed, 9n);
    }
    const fresh = new Generator(1);
    assert.is(new Generator(2).setState(fresh.getState()).random(), fresh.random());
  });

  test("refuses a seed that is none", () => {
    for (const seed of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2n ** 64n, -(2n ** 63n) - 1n]) {
      refuses(
        QuarkError,
        `manualSeed: the seed must be a whole number from −2⁶³ to 2⁶⁴ − 1, got ${seed}; beyond ±2⁵³ pass a bigint`,
        () => manualSeed(seed),
      );
    }
  });

  test("refuses a state that is none, and stays as it was", () => {
    const generator = new Generator(1);
    const next = new Generator(1).random();
    refuses(DataError, "setState: a generator's state has 5056 bytes, got 3; pass what getState() gave", () =>
      generator.setState(new Uint8Array(3)),
    );
    const state = generator.getState();
    state[16] = 7;
    state[8] = 9;
    refuses(
      DataError,
      "setState: 9 words left at word 519 do not fit together; pass what getState() gave, unchanged",
      () => generator.setState(state),
    );
    assert.is(generator.random(), next);
  });
});
