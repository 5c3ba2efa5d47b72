/**
 * The same model, seed, data and optimiser as in PyTorch: the same initial weights and order of the data bit for bit, and losses
 * that differ by no more than rounding. `test/golden/makeParity.py` recorded what PyTorch gives, in float32 and in float64.
 */
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { DataLoader } from "../src/data/index.ts";
import { crossEntropy, manualSeed } from "../src/index.ts";
import { Sora } from "../src/models/sora.ts";
import { mnist } from "../src/node.ts";
import { Adam } from "../src/optim/index.ts";
import { sha256 } from "./helpers/sha256.ts";
import { suite } from "./helpers/suite.ts";

interface Parity {
  readonly parameters: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly sha256: string; readonly first: readonly number[] }>
  >;
  /** Of the first epoch: all of it as a hash, the first 12,800 indices as 16-bit numbers in base64. */
  readonly order: { readonly sha256: string; readonly uint16: string };
  /** The loss of each step. */
  readonly float32: readonly number[];
  readonly float64: readonly number[];
}

const golden: Parity = JSON.parse(readFileSync(new URL("golden/parity.json", import.meta.url), "utf8"));
const steps = golden.float64.length;
const options = { batchSize: 64, shuffle: true };

/** How far a curve is from that in float64: the root of the mean square of the differences. */
function distance(losses: readonly number[]): number {
  const squares = losses.map((loss, step) => (loss - golden.float64[step]!) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / steps);
}

suite("parity with PyTorch", (test) => {
  test("the initial weights are the same bit for bit", () => {
    manualSeed(0);
    const model = new Sora();
    const parameters = Object.fromEntries(
      [...model.namedParameters()].map(([name, { shape, data }]) => [
        name,
        { shape: [...shape], sha256: sha256(data), first: [...data.subarray(0, 4)] },
      ]),
    );
    assert.equal(parameters, golden.parameters);
    model.dispose();
  });

  test("the first epoch has the same order", () => {
    manualSeed(0);
    new Sora().dispose();
    const dataset = { length: 60_000, batch: (indices: ArrayLike<number>) => Array.from(indices) };
    const order = [...new DataLoader(dataset, options)].flat();
    assert.is(sha256(Int32Array.from(order)), golden.order.sha256);
    const recorded = Buffer.from(golden.order.uint16, "base64");
    assert.equal(
      order.slice(0, steps * options.batchSize),
      Array.from({ length: recorded.length / 2 }, (_, index) => recorded.readUInt16LE(2 * index)),
    );
  });

  test("200 steps give the same losses but for rounding", () => {
    manualSeed(0);
    const model = new Sora();
    const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
    const losses: number[] = [];
    for (const { images, labels } of new DataLoader(mnist("train"), options)) {
      optimizer.zeroGrad();
      const loss = crossEntropy(model.forward(images), labels);
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
      if (losses.length === steps) break;
    }
    optimizer.dispose();
    model.dispose();

    for (let step = 0; step < 20; step++) {
      const expected = golden.float32[step]!;
      const difference = Math.abs(losses[step]! - expected) / expected;
      assert.ok(difference < 1e-4, `step ${step}: loss ${losses[step]}, in PyTorch ${expected}`);
    }
    const ours = distance(losses);
    const theirs = distance(golden.float32);
    assert.ok(ours <= 3 * theirs, `${ours} from the curve in float64, where PyTorch's in float32 is ${theirs} from it`);
  });
});
