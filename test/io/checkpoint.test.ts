import * as assert from "uvu/assert";
import {
  Checkpoint,
  type CheckpointStore,
  crossEntropy,
  DataError,
  data,
  defaultGenerator,
  manualSeed,
  nn,
  optim,
  readSafetensors,
  StateDictError,
  type Stateful,
  setThreads,
  tensor,
  weightsSha256,
} from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";
import { randomIn } from "../helpers/values.ts";

function memoryStore(): CheckpointStore & { readonly files: Map<string, Uint8Array<ArrayBuffer>> } {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    files,
    names: async () => [...files.keys()],
    read: async (name) => files.get(name)!.slice(),
    write: async (name, bytes) => void files.set(name, bytes.slice()),
    remove: async (name) => void files.delete(name),
  };
}

async function refuses(body: () => Promise<unknown>, kind: abstract new (...args: never) => Error, message: RegExp) {
  try {
    await body();
  } catch (error) {
    assert.instance(error, kind);
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable("nothing was refused");
}

/** A training with everything that a step can depend on: dropout, a schedule, groups, a shuffled loader with a last batch that is not full. */
class Training {
  readonly model = new nn.Sequential(new nn.Linear(6, 8), new nn.Dropout(0.25), new nn.ReLU(), new nn.Linear(8, 3));
  readonly optimizer = new optim.Adam(this.model.parameters(), { lr: 0.05, amsgrad: true });
  readonly schedule = new optim.CosineAnnealingLR(this.optimizer, 7);
  readonly loader: data.DataLoader<data.TensorBatch<"inputs" | "labels">>;
  readonly losses: number[] = [];
  step = 0;
  epoch = 0;

  constructor(dataset: data.TensorDataset<"inputs" | "labels">) {
    this.loader = new data.DataLoader(dataset, { batchSize: 4, shuffle: true });
  }

  get parts(): Record<string, Stateful> {
    const { model, optimizer, schedule, loader } = this;
    return { model, optimizer, schedule, loader, generator: defaultGenerator };
  }

  async run(epochs: number, each: () => Promise<boolean>): Promise<boolean> {
    for (; this.epoch < epochs; this.epoch++) {
      for (const { inputs, labels } of this.loader) {
        this.optimizer.zeroGrad();
        const loss = crossEntropy(this.model.forward(inputs), labels);
        loss.backward();
        this.optimizer.step();
        this.schedule.step();
        this.step++;
        this.losses.push(loss.item());
        if (await each()) return true;
      }
    }
    return false;
  }

  dispose(): void {
    this.model.dispose();
    this.optimizer.dispose();
  }
}

function samples(): data.TensorDataset<"inputs" | "labels"> {
  const random = randomIn(5);
  const rows = Array.from({ length: 10 }, () => Array.from({ length: 6 }, () => random() - 0.5));
  return new data.TensorDataset({
    inputs: tensor(rows),
    labels: tensor(
      rows.map((_, k) => k % 3),
      { dtype: "int32" },
    ),
  });
}

suite("Checkpoint", (test) => {
  test("what is stopped after any step goes on with the same bits, also with more threads", async () => {
    const dataset = samples();
    manualSeed(4);
    const whole = new Training(dataset);
    await whole.run(4, async () => false);
    const expected = { losses: whole.losses, weights: weightsSha256(whole.model) };
    for (let stop = 0; stop < whole.step; stop++) {
      const store = memoryStore();
      manualSeed(4);
      const first = new Training(dataset);
      const checkpoint = new Checkpoint(store, first.parts);
      if (stop === 0) await checkpoint.save(0, { epoch: 0 });
      await first.run(4, async () => {
        if (first.step > stop) return true;
        await checkpoint.save(first.step, { epoch: first.epoch });
        return false;
      });
      manualSeed(77);
      const second = new Training(dataset);
      const saved = await new Checkpoint(store, second.parts).load<{ epoch: number }>();
      assert.equal([saved!.step, saved!.sameKernels, saved!.skipped], [stop, true, []]);
      second.step = saved!.step;
      second.epoch = saved!.progress.epoch;
      if (stop % 4 === 1) await setThreads(2);
      await second.run(4, async () => false);
      await setThreads(1);
      assert.equal(second.losses, expected.losses.slice(stop), `stopped after ${stop}`);
      assert.is(weightsSha256(second.model), expected.weights);
      first.dispose();
      second.dispose();
    }
    whole.dispose();
  });

  test("keeps the latest two, and others read it as safetensors", async () => {
    const store = memoryStore();
    const model = new nn.Linear(2, 1);
    const checkpoint = new Checkpoint(store, { model });
    assert.is(await checkpoint.latest(), undefined);
    assert.is(await checkpoint.load(), undefined);
    for (const step of [1, 5, 10, 10]) await checkpoint.save(step);
    assert.equal([...store.files.keys()], ["step-0000000000000005.safetensors", "step-0000000000000010.safetensors"]);
    assert.is(await checkpoint.latest(), 10);
    const { tensors, metadata } = readSafetensors([...store.files.values()][1]!);
    assert.equal([...tensors.keys()], ["model.weight", "model.bias"]);
    assert.match(metadata.get("quarkgrad.checkpoint")!, /^\{"format":"quarkgrad-checkpoint","formatVersion":1,/);
    await refuses(
      () => checkpoint.save(9),
      DataError,
      /^Checkpoint: step 9 comes before step 10, which is there already;/,
    );
    await refuses(() => checkpoint.save(-1), DataError, /^Checkpoint: step -1 must be a whole number/);
    model.dispose();
  });

  test("progress comes back as it was", async () => {
    const store = memoryStore();
    const values = {
      epoch: 3,
      odd: [Number.NaN, -0, Number.POSITIVE_INFINITY, undefined, null, true, 2n ** 70n, -1n],
      loss: 0.1 + 0.2,
      seen: Float64Array.of(0.1, 1e300),
      order: Int32Array.of(3, -1),
      text: 'a "ß" 🦆',
      __proto__: undefined,
    };
    await new Checkpoint(store, {}).save(1, values);
    assert.equal((await new Checkpoint(store, {}).load())!.progress, values);
    await refuses(
      () => new Checkpoint(store, {}).save(2, { inner: [new Date()] }),
      DataError,
      /^Checkpoint: progress.inner.0 cannot be written; use numbers, texts, lists, records and tensors$/,
    );
  });

  test("falls back on the one before where the latest is damaged, and says so", async () => {
    const store = memoryStore();
    const model = new nn.Linear(2, 1);
    const checkpoint = new Checkpoint(store, { model });
    await checkpoint.save(1, "first");
    await checkpoint.save(2, "second");
    const last = "step-0000000000000002.safetensors";
    store.files.set(last, store.files.get(last)!.slice(0, 40));
    const { step, progress, skipped } = (await checkpoint.load())!;
    assert.equal([step, progress], [1, "first"]);
    assert.match(skipped.join(), /^step-0000000000000002\.safetensors: safetensors: .* the file is cut off$/);
    store.files.clear();
    store.files.set(last, Uint8Array.of(1));
    await refuses(() => checkpoint.load(), DataError, /^Checkpoint: none can be read: step-0000000000000002/);
    model.dispose();
  });

  test("gives all parts their state or none", async () => {
    const store = memoryStore();
    const one = new nn.Linear(2, 1);
    const two = new nn.Linear(2, 1);
    await new Checkpoint(store, { one, two }).save(1);
    one.weight.data.fill(5);
    const before = weightsSha256(one);
    const other = new nn.Linear(3, 1);
    await refuses(
      () => new Checkpoint(store, { one, two: other }).load(),
      StateDictError,
      /^Checkpoint: two: loadStateDict: weight is \[1, 3\] here but \[1, 2\] there; nothing was changed; no part was changed$/,
    );
    assert.is(weightsSha256(one), before);
    await refuses(
      () => new Checkpoint(store, { one, three: two }).load(),
      StateDictError,
      /^Checkpoint: the parts differ: three only here, two only in the checkpoint; nothing was changed$/,
    );
    for (const model of [one, two, other]) model.dispose();
  });

  test("refuses a store that keeps none", () => {
    assert.throws(() => new Checkpoint(memoryStore(), {}, { keep: 0 }), /keep 0 must be a whole number of at least 1/);
  });
});
