import * as assert from "uvu/assert";
import { defaultGenerator } from "../../src/core/generator.ts";
import {
  DataError,
  data,
  Generator,
  manualSeed,
  memory,
  OptionError,
  ShapeError,
  StateDictError,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

const { DataLoader, ImageDataset, Subset, TensorDataset } = data;

function fails(body: () => unknown, kind: abstract new (...args: never) => Error, message: string): void {
  assert.throws(body, (error: unknown) => {
    assert.instance(error, kind);
    assert.is((error as Error).message, message);
    return true;
  });
}

/** Ten samples: [k, −k] with label k. */
const ten = () =>
  new TensorDataset({
    inputs: tensor(Array.from({ length: 10 }, (_, k) => [k, -k])),
    labels: tensor(
      Array.from({ length: 10 }, (_, k) => k),
      { dtype: "int32" },
    ),
  });

const orderOf = (loader: Iterable<{ readonly labels: Tensor }>) => [...map(loader, ({ labels }) => [...labels.data])];

function* map<A, B>(items: Iterable<A>, change: (item: A) => B): Iterable<B> {
  for (const item of items) yield change(item);
}

suite("DataLoader", (test) => {
  test("goes through all samples in order", () => {
    const loader = new DataLoader(ten(), { batchSize: 4 });
    assert.is(loader.length, 3);
    assert.equal(orderOf(loader), [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    for (const { inputs, labels } of loader) {
      assert.equal([inputs.shape, inputs.dtype, labels.dtype], [[labels.size, 2], "float32", "int32"]);
      bits(
        inputs.data,
        [...labels.data].flatMap((k) => [k, -k]),
      );
      break;
    }
  });

  test("drops the last batch where asked", () => {
    const loader = new DataLoader(ten(), { batchSize: 4, dropLast: true });
    assert.is(loader.length, 2);
    assert.equal(orderOf(loader), [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
  });

  test("shuffles anew in each epoch, the same for the same seed", () => {
    const loader = new DataLoader(ten(), { batchSize: 10, shuffle: true });
    manualSeed(3);
    const epochs = [orderOf(loader), orderOf(loader)];
    manualSeed(3);
    assert.equal([orderOf(loader), orderOf(loader)], epochs);
    assert.not.equal(epochs[0], epochs[1]);
    for (const [order] of epochs) assert.equal([...order!].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("a generator of its own leaves the common one alone", () => {
    const order = () => orderOf(new DataLoader(ten(), { batchSize: 10, shuffle: true, generator: new Generator(5) }));
    assert.equal(order(), order());
  });

  test("a turn of the loop is a scope", () => {
    const loader = new DataLoader(ten(), { batchSize: 4 });
    const before = memory().liveBlocks;
    const kept: Tensor[] = [];
    let last: Tensor | undefined;
    for (const { inputs } of loader) {
      assert.is(memory().liveBlocks, before + 2 + kept.length);
      zeros([3]);
      kept.push(zeros([2]).keep());
      last = inputs;
    }
    assert.is(memory().liveBlocks, before + 3);
    assert.ok(last!.disposed);
    for (const one of kept) one.dispose();
  });

  test("the scope ends by break and by an error too", () => {
    const loader = new DataLoader(ten(), { batchSize: 4 });
    const before = memory().liveBlocks;
    for (const _ of loader) break;
    assert.is(memory().liveBlocks, before);
    assert.throws(() => {
      for (const _ of loader) throw new Error("stop");
    }, /^stop$/);
    assert.is(memory().liveBlocks, before);
  });

  test("loops over two loaders may interleave", () => {
    const dataset = ten();
    const before = memory().liveBlocks;
    const [a, b] = [5, 3].map((batchSize) => new DataLoader(dataset, { batchSize })[Symbol.iterator]());
    for (let turn = 0; turn < 5; turn++) {
      a!.next();
      b!.next();
    }
    assert.is(memory().liveBlocks, before);
  });

  test("refuses a batch size that is none", () => {
    const message = (size: number) => `DataLoader: batchSize must be a whole number of at least 1, got ${size}`;
    for (const size of [0, 1.5, -1, Number.NaN])
      fails(() => new DataLoader(ten(), { batchSize: size }), OptionError, message(size));
  });
});

suite("data sets", (test) => {
  test("TensorDataset wants as many rows in each tensor", () => {
    fails(
      () => new TensorDataset({ a: zeros([2, 3]), b: zeros([3]) }),
      ShapeError,
      "TensorDataset: the tensors differ in their number of rows (a [2, 3], b [3]); each row is a sample",
    );
    fails(
      () => new TensorDataset({ a: zeros([]) }),
      ShapeError,
      "TensorDataset: the tensors differ in their number of rows (a []); each row is a sample",
    );
  });

  test("Subset renumbers samples", () => {
    assert.equal([...new Subset(ten(), [7, 2, 9]).batch([2, 0]).labels.data], [9, 7]);
    assert.is(new Subset(ten(), 4).length, 4);
    assert.is(new Subset(ten(), 40).length, 10);
    fails(() => new Subset(ten(), [10]), DataError, "Subset: there is no sample 10; samples go from 0 to 9");
  });

  test("there is no sample beyond the last", () => {
    fails(() => ten().batch([-1]), DataError, "TensorDataset: there is no sample -1; samples go from 0 to 9");
    fails(() => ten().batch([0.5]), DataError, "TensorDataset: there is no sample 0.5; samples go from 0 to 9");
  });

  test("ImageDataset divides bytes by 255", () => {
    const images = Uint8Array.from({ length: 3 * 2 * 43 }, (_, k) => k);
    const dataset = new ImageDataset(images, Uint8Array.of(7, 8, 9), [2, 1, 43]);
    const batch = dataset.batch([2, 0, 2]);
    const order = [2, 0, 2].flatMap((k) => [...images.subarray(k * 86, (k + 1) * 86)]);
    bits(batch.images, { shape: [3, 2, 1, 43], data: order.map((value) => value / 255) });
    assert.equal([...batch.labels.data], [9, 7, 9]);
    assert.is(batch.labels.dtype, "int32");
    fails(
      () => new ImageDataset(images, Uint8Array.of(1), [2, 2]),
      DataError,
      "ImageDataset: 1 labels need 4 bytes of images, got 258 (image [2, 2])",
    );
  });
});

suite("DataLoader, a state", (test) => {
  const draws = 3;

  /** What two epochs give in a row, and the numbers that dropout, say, draws between the batches. */
  function* program(loader: data.DataLoader<data.TensorBatch<"inputs" | "labels">>, epochs: number, own?: Generator) {
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const { labels } of loader) {
        const drawn = Array.from({ length: draws }, () => defaultGenerator.random());
        yield { labels: [...labels.data], drawn, own: own?.getState() };
      }
    }
  }

  for (const shuffle of [false, true]) {
    for (const ownGenerator of [false, true]) {
      for (const [batchSize, dropLast] of [
        [4, false],
        [4, true],
        [5, false],
      ] as const) {
        const title = `${shuffle ? "shuffled" : "in order"}, ${ownGenerator ? "a generator of its own, " : ""}batches of ${batchSize}`;
        test(`goes on after any batch: ${title}${dropLast ? ", the last dropped" : ""}`, () => {
          const make = () => {
            const own = ownGenerator ? new Generator(5) : undefined;
            const options = { batchSize, shuffle, dropLast, ...(own && { generator: own }) };
            return { own, loader: new DataLoader(ten(), options) };
          };
          manualSeed(1);
          const whole = make();
          const expected = [...program(whole.loader, 3, whole.own)];
          for (let stop = 0; stop <= 2 * whole.loader.length; stop++) {
            manualSeed(1);
            const first = make();
            const before = program(first.loader, 3, first.own);
            for (let k = 0; k < stop; k++) before.next();
            const saved = [first.loader.stateDict(), defaultGenerator.stateDict()] as const;
            before.return(undefined);

            manualSeed(99);
            const second = make();
            second.loader.loadStateDict(saved[0]);
            defaultGenerator.loadStateDict(saved[1]);
            // The batches left of the epoch under way, which may be none, and the epochs after it.
            const begun = stop === 0 ? 0 : Math.floor((stop - 1) / whole.loader.length);
            const rest = [...program(second.loader, 3 - begun, second.own)];
            assert.equal(rest, expected.slice(stop), `stopped after ${stop}`);
          }
        });
      }
    }
  }

  test("between two epochs is none under way", () => {
    const loader = new DataLoader(ten(), { batchSize: 4 });
    assert.is(loader.stateDict().epoch, null);
    orderOf(loader);
    assert.is(loader.stateDict().epoch, null);
    for (const _ of loader) break;
    assert.equal(loader.stateDict().epoch, { batches: 1 });
  });

  test("is refused by a loader that goes through other batches", () => {
    const saved = new DataLoader(ten(), { batchSize: 4, shuffle: true }).stateDict();
    const other = new DataLoader(ten(), { batchSize: 3, generator: new Generator(1) });
    fails(
      () => other.loadStateDict(saved),
      StateDictError,
      "loadStateDict: batchSize is 3 here but 4 there; shuffle is false here but true there; a generator of its own is given only here; nothing was changed",
    );
    const loader = new DataLoader(ten(), { batchSize: 4 });
    fails(
      () => loader.loadStateDict({ ...loader.stateDict(), epoch: { batches: 4 } }),
      StateDictError,
      "loadStateDict: 4 batches are done there, but an epoch has 3; nothing was changed",
    );
  });
});
