import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { DataError, data, manualSeed, OptionError, ShapeError, scope, type Tensor, tensor } from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

function fails(body: () => unknown, kind: abstract new (...args: never) => Error, message: string): void {
  assert.throws(body, (error: unknown) => {
    assert.instance(error, kind);
    assert.is((error as Error).message, message);
    return true;
  });
}

/** What `golden/makeData.py` wrote. */
const golden: {
  readonly samples: readonly { readonly weights: number[]; readonly indices: number[] }[];
  readonly splits: readonly { readonly size: number; readonly lengths: number[]; readonly parts: number[][] }[];
} = JSON.parse(readFileSync(new URL("../golden/data.json", import.meta.url), "utf8"));

const numbers = (size: number) => new data.SampleDataset(size, (index) => ({ x: index }));

/** What a loader gives, as plain numbers. */
function all(loader: Iterable<{ readonly x: Tensor }>): unknown[] {
  const found: unknown[] = [];
  for (const { x } of loader) found.push(x.toArray());
  return found;
}

suite("samples one by one", (test) => {
  test("are put together field by field", () => {
    const samples = [
      { image: tensor([[1, 2]]), pair: [1, [true]] as const, word: "a", bytes: Uint8Array.of(1, 2), label: 3 },
      { image: tensor([[3, 4]]), pair: [2, [false]] as const, word: "b", bytes: Uint8Array.of(3, 4), label: 4 },
    ];
    for (const batch of new data.DataLoader(samples, { batchSize: 2, dtypes: { label: "int32" } })) {
      assert.equal(batch.image.toArray(), [[[1, 2]], [[3, 4]]]);
      assert.equal(batch.pair[0].toArray(), [1, 2]);
      assert.equal(batch.pair[1][0].toArray(), [1, 0]);
      assert.equal(batch.word, ["a", "b"]);
      assert.equal(batch.bytes.dtype, "uint8");
      assert.equal(batch.bytes.toArray(), [
        [1, 2],
        [3, 4],
      ]);
      assert.is(batch.label.dtype, "int32");
      assert.equal(batch.label.toArray(), [3, 4]);
    }
    assert.not(samples[0]!.image.disposed);
  });

  test("come from a function, an object or a list", () => {
    class Squares {
      readonly length = 3;
      get(index: number) {
        return { x: index * index };
      }
    }
    assert.equal(all(new data.DataLoader(new Squares(), { batchSize: 2 })), [[0, 1], [4]]);
    assert.equal(all(new data.DataLoader(numbers(3), { batchSize: 2 })), [[0, 1], [2]]);
    assert.equal(all(new data.DataLoader([{ x: 7 }], {})), [[7]]);
  });

  test("go through a function of one's own", () => {
    const collate = (samples: readonly number[]) => samples.reduce((sum, one) => sum + one, 0);
    assert.equal([...new data.DataLoader([1, 2, 3], { batchSize: 2, collate })], [3, 3]);
  });

  test("of different kinds or shapes are refused", () => {
    fails(
      () => data.collate([{ a: 1 }, { a: "b" }] as never),
      DataError,
      'collate: "a" is 1 in one sample and "b" in another',
    );
    fails(
      () => data.collate([tensor([1]), tensor([1, 2])]),
      ShapeError,
      'collate: "sample" is float32 [1] in one sample and float32 [2] in another; pad them, or collate by a function of your own',
    );
    fails(
      () => data.collate([{ v: Float32Array.of(1) }, { v: Float32Array.of(1, 2) }]),
      ShapeError,
      'collate: "v" has 1 numbers in one sample and 2 in another; pad them, or collate by a function of your own',
    );
    fails(
      () => data.collate([{ k: 1 }, { k: 1.5 }], { k: "int32" }),
      DataError,
      'collate: "k" is 1.5 in sample 1, which int32 does not hold',
    );
  });

  test("that are promises need for await", () => {
    const slow = new data.SampleDataset(3, async (index) => ({ x: index }));
    fails(
      () => all(new data.DataLoader(slow as never)),
      DataError,
      "SampleDataset: sample 0 is a promise; go through the loader by for await (…)",
    );
  });

  test("nothing else is a data set", () => {
    const message = (got: string) =>
      `DataLoader: a data set has a length and batch(indices) or get(index), or is a list of samples; got ${got}`;
    fails(() => new data.DataLoader(new Set() as never), DataError, message("a Set"));
    fails(() => new data.DataLoader(3 as never), DataError, message("3"));
    fails(
      () => new data.SampleDataset({ length: 3 } as never),
      DataError,
      "SampleDataset: 3 samples and no function get; give a length and (index) => sample, or an object with both",
    );
    fails(
      () => new data.DataLoader(new data.TensorDataset({ x: tensor([1]) }), { dtypes: "int32" } as never),
      OptionError,
      "DataLoader: the data set gives batches itself; collate and dtypes are for samples",
    );
    fails(
      () => new data.DataLoader([1], { batchsize: 3 } as never),
      OptionError,
      'DataLoader: option "batchsize" is not known; did you mean "batchSize"?',
    );
  });
});

suite("for await", (test) => {
  const later = (size: number) => {
    const asked: number[] = [];
    const dataset = new data.SampleDataset(size, async (index) => {
      asked.push(index);
      await new Promise((done) => setTimeout(done, 1));
      return { x: index };
    });
    return { asked, dataset };
  };

  test("gives the batches of for, in the same order", async () => {
    const { dataset } = later(7);
    manualSeed(3);
    const wanted = all(new data.DataLoader(numbers(7), { batchSize: 3, shuffle: true }));
    manualSeed(3);
    const found: unknown[] = [];
    for await (const { x } of new data.DataLoader(dataset, { batchSize: 3, shuffle: true })) found.push(x.toArray());
    assert.equal(found, wanted);
    const rest: unknown[] = [];
    for await (const { x } of new data.DataLoader(new data.Subset(dataset, [5, 6]))) rest.push(x.toArray());
    for await (const { x } of new data.DataLoader(new data.ConcatDataset([dataset, numbers(2)]), { batchSize: 9 })) {
      rest.push(x.toArray());
    }
    assert.equal(rest, [[5], [6], [0, 1, 2, 3, 4, 5, 6, 0, 1]]);
  });

  test("loads one batch ahead, and stands where the loop stands", async () => {
    const { asked, dataset } = later(6);
    const loader = new data.DataLoader(dataset, { batchSize: 2 });
    let made: Tensor | undefined;
    for await (const { x } of loader) {
      made = x.add(1);
      assert.equal(asked, [0, 1, 2, 3]);
      assert.is(loader.stateDict().epoch!.batches, 1);
      break;
    }
    assert.ok(made!.disposed);
    const other = new data.DataLoader(dataset, { batchSize: 2 });
    other.loadStateDict(loader.stateDict());
    const rest: unknown[] = [];
    for await (const { x } of other) rest.push(x.toArray());
    assert.equal(rest, [
      [2, 3],
      [4, 5],
    ]);
  });

  test("passes on what a sample throws", async () => {
    const dataset = new data.SampleDataset(4, async (index) => {
      if (index === 3) throw new Error("no such file");
      return index;
    });
    const seen: unknown[] = [];
    try {
      for await (const x of new data.DataLoader(dataset, { batchSize: 2 })) seen.push(x.toArray());
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).message, "no such file");
    }
    assert.equal(seen, [[0, 1]]);
  });
});

suite("parts and wholes", (test) => {
  for (const { size, lengths, parts } of golden.splits) {
    test(`randomSplit of ${size} into ${lengths.join(", ")} is PyTorch's`, () => {
      manualSeed(0);
      const split = data.randomSplit(numbers(size), lengths);
      assert.equal(
        split.map(({ indices }) => [...indices]),
        parts,
      );
    });
  }

  test("randomSplit refuses lengths that do not sum to the whole", () => {
    fails(
      () => data.randomSplit(numbers(10), [5, 4]),
      DataError,
      "randomSplit: lengths [5, 4] sum to 9, but must sum to the 10 samples, or to 1",
    );
    fails(
      () => data.randomSplit(numbers(10), [1.5, -0.5]),
      DataError,
      "randomSplit: lengths must be at least 0, got [1.5, -0.5]",
    );
  });

  test("ConcatDataset mixes the samples of several in one batch", () => {
    const rows = new data.TensorDataset({
      x: tensor([
        [1, 2],
        [3, 4],
      ]),
      y: tensor([1, 2], { dtype: "int32" }),
    });
    const more = new data.TensorDataset({ x: tensor([[5, 6]]), y: tensor([3], { dtype: "int32" }) });
    const both = new data.ConcatDataset([rows, more, rows]);
    assert.is(both.length, 5);
    const { x, y } = both.batch([4, 2, 0, 2]);
    assert.equal(x.toArray(), [
      [3, 4],
      [5, 6],
      [1, 2],
      [5, 6],
    ]);
    assert.equal(y.toArray(), [2, 3, 1, 3]);
    const words = new data.ConcatDataset([
      new data.SampleDataset([{ w: "a" }, { w: "b" }]),
      new data.SampleDataset([{ w: "c" }]),
    ]);
    assert.equal(words.batch([2, 0]), { w: ["c", "a"] });
    fails(() => both.batch([5]), DataError, "ConcatDataset: there is no sample 5; samples go from 0 to 4");
    fails(() => new data.ConcatDataset([]), DataError, "ConcatDataset: there are no data sets to concatenate");
    const other = new data.TensorDataset({ x: tensor([[1]]), y: tensor([1], { dtype: "int32" }) });
    fails(
      () => new data.ConcatDataset([rows, other]).batch([0, 2]),
      ShapeError,
      'ConcatDataset: a row of "x" is float32 [2] in one data set and float32 [1] in another',
    );
  });

  test("MapDataset changes batches within the loop's scope", () => {
    const doubled = new data.MapDataset(numbers(3), ({ x }) => ({ x: x.mul(2) }));
    assert.equal(all(new data.DataLoader(doubled, { batchSize: 3 })), [[0, 2, 4]]);
  });
});

suite("WeightedRandomSampler", (test) => {
  for (const { weights, indices } of golden.samples) {
    test(`draws PyTorch's ${indices.length} of ${weights.length}`, () => {
      manualSeed(0);
      assert.equal([...new data.WeightedRandomSampler(weights, indices.length)], indices);
    });
  }

  test("draws each once without replacement, heavy ones early", () => {
    manualSeed(1);
    const weights = Float64Array.from({ length: 50 }, (_, index) => (index < 5 ? 1000 : index % 10));
    const sampler = new data.WeightedRandomSampler(weights, 45, { replacement: false });
    const drawn = [...sampler];
    assert.is(new Set(drawn).size, 45);
    assert.ok(drawn.slice(0, 6).filter((index) => index < 5).length >= 4);
    assert.ok(drawn.every((index) => weights[index]! > 0));
  });

  test("orders a loader, which goes on from its state", () => {
    manualSeed(0);
    const loader = new data.DataLoader(numbers(5), {
      batchSize: 2,
      sampler: new data.WeightedRandomSampler([1, 2, 3, 0, 4], 6),
    });
    assert.is(loader.length, 3);
    let state: data.DataLoaderStateDict | undefined;
    const seen: unknown[] = [];
    for (const { x } of loader) {
      state ??= loader.stateDict();
      seen.push(x.toArray());
    }
    loader.loadStateDict(state!);
    assert.equal(all(loader), seen.slice(1));
  });

  test("refuses what cannot be drawn", () => {
    fails(
      () => new data.WeightedRandomSampler([1, -1], 2),
      DataError,
      "WeightedRandomSampler: weight 1 is -1; weights are at least 0",
    );
    fails(() => new data.WeightedRandomSampler([0], 2), DataError, "WeightedRandomSampler: no weight is above 0");
    fails(
      () => new data.WeightedRandomSampler([1, 0, 1], 3, { replacement: false }),
      DataError,
      "WeightedRandomSampler: 3 samples cannot be drawn from 2 without replacement",
    );
    fails(
      () => new data.DataLoader(numbers(3), { sampler: [1], shuffle: true }),
      OptionError,
      "DataLoader: a sampler gives the order itself; leave shuffle out",
    );
    const short = { length: 3, [Symbol.iterator]: () => [1][Symbol.iterator]() };
    fails(
      () => scope(() => all(new data.DataLoader(numbers(3), { sampler: short }))),
      DataError,
      "DataLoader: the sampler's length is 3, but it gave 1 indices",
    );
  });
});
