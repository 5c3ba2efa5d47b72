import fc from "fast-check";
import * as assert from "uvu/assert";
import { QuarkError } from "../../../src/errors.ts";
import { dropout, dropoutParticle, manualSeed, ones, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const seed = [0x12345678, 0x9abcdef0] as const;

particleTest(
  dropoutParticle,
  {
    samples: fc
      .tuple(anyShape(), fc.constantFrom(0, 0.1, 0.5, 0.9, 1), fc.nat(), fc.nat())
      .map(([input, p, low, high]) => ({ inputs: { input }, attributes: { p, seed: [low, high] as const } })),
    always: lengths.map((length) => ({ inputs: { input: [length] }, attributes: { p: 0.5, seed } })),
    large: [{ inputs: { input: [300_001] }, attributes: { p: 0.5, seed } }],
    accuracy: { ulp: 0.5 }, // one product, rounded; it may leave the range of float32
    multilinear: true,
    special: [
      {
        // What is dropped is 0 even where it is infinite.
        inputs: { input: [infinity, nan, 1, -infinity, 5] },
        attributes: { p: 1, seed },
        output: [0, 0, 0, 0, 0],
        grad: [1, infinity, nan, 1, 1],
        gradients: { input: [0, 0, 0, 0, 0] },
      },
      { inputs: { input: [infinity, nan, -0, 2] }, attributes: { p: 0, seed }, output: [infinity, nan, -0, 2] },
    ],
    errors: [
      [() => dropout(zeros([2]), 1.5), QuarkError, "dropout: p must lie between 0 and 1, got 1.5"],
      [() => dropout(zeros([2]), nan), QuarkError, "dropout: p must lie between 0 and 1, got NaN"],
    ],
  },
  (test) => {
    test("drops as many as asked, independently of the place", () => {
      manualSeed(1);
      for (const p of [0.1, 0.5, 0.9]) {
        const size = 100_000;
        const kept = dropout(ones([size]), p).data.map((x) => (x === 0 ? 0 : 1));
        let count = 0;
        let neighbours = 0;
        for (let i = 0; i < size; i++) {
          count += kept[i]!;
          neighbours += kept[i]! * (kept[i + 1] ?? 0);
        }
        const deviation = Math.sqrt(size * p * (1 - p));
        assert.ok(Math.abs(count - size * (1 - p)) < 4 * deviation, `p ${p}: ${count} kept`);
        assert.ok(Math.abs(neighbours - size * (1 - p) ** 2) < 6 * deviation, `p ${p}: ${neighbours} pairs`);
      }
    });

    test("is repeated by a seed and differs from call to call", () => {
      const draw = () => dropout(ones([64]), 0.5).data.slice();
      manualSeed(3);
      const [first, second] = [draw(), draw()];
      manualSeed(3);
      bits(draw(), first);
      bits(draw(), second);
      assert.not.equal(first.join(), second.join());
    });

    test("lets everything through outside of training", () => {
      const input = ones([8]);
      assert.is(dropout(input, 0.5, { training: false }), input);
    });
  },
);
