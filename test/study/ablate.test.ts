import * as assert from "uvu/assert";
import {
  crossEntropy,
  DataError,
  data,
  manualSeed,
  nn,
  noGrad,
  rand,
  study,
  type Tensor,
  tensor,
  weightsSha256,
} from "../../src/index.ts";
import { rankCorrelation } from "../../src/study/importance/rankCorrelation.ts";
import { suite } from "../helpers/suite.ts";

/** A small relative of Sora with dropout, which must be quiet here. */
class Small extends nn.Module {
  readonly first = new nn.Conv2d(1, 4, 3, { padding: 1 });
  readonly second = new nn.Conv2d(4, 6, 3);
  readonly relu = new nn.ReLU();
  readonly pool = new nn.MaxPool2d(2);
  readonly dropout = new nn.Dropout(0.5);
  readonly head = new nn.Linear(24, 3);

  forward(images: Tensor): Tensor {
    const edges = this.pool.forward(this.relu.forward(this.first.forward(images)));
    const shapes = this.relu.forward(this.second.forward(edges));
    return this.head.forward(this.dropout.forward(shapes).reshape([-1, 24]));
  }
}

function images(count: number): data.Dataset<study.LabelledBatch> {
  const labels = Int32Array.from({ length: count }, (_, index) => index % 3);
  return new data.TensorDataset({ images: rand([count, 1, 8, 8]), labels: tensor(labels) });
}

suite("ablate", (test) => {
  test("removes every filter, layer and activation, and leaves the model as it was", () => {
    manualSeed(0);
    const model = new Small();
    const before = weightsSha256(model);
    const found = study.ablate(model, images(10), { batchSize: 4 });
    assert.is(found.samples, 10);
    assert.equal(
      found.removals.filter(({ kind }) => kind !== "filter").map(({ id, kind, module }) => [id, kind, module]),
      [
        ["conv2d#1", "layer", "first"],
        ["maxPool2d#1", "layer", "pool"],
        ["conv2d#2", "layer", "second"],
        ["linear#1", "layer", "head"],
        ["relu#1", "activation", "relu"],
        ["relu#2", "activation", "relu"],
      ],
    );
    assert.is(found.removals.filter(({ kind }) => kind === "filter").length, 10);
    assert.is(found.weightsSha256, before);
    assert.is(weightsSha256(model), before);
    assert.ok(model.training && model.dropout.training);
    assert.ok([...model.parameters()].every(({ grad }) => grad === undefined));
    model.dispose();
  });

  test("measures what a filter of zeros does", () => {
    manualSeed(1);
    const model = new Small();
    const set = images(7);
    const { removals, loss } = study.ablate(model, set);
    model.eval();
    const lossOf = () =>
      noGrad(() => {
        const { images, labels } = set.batch([0, 1, 2, 3, 4, 5, 6]);
        return crossEntropy(model.forward(images), labels, { reduction: "sum" }).item() / 7;
      });
    assert.is(loss, lossOf());
    for (const [layer, id] of [
      [model.first, "conv2d#1/filter2"],
      [model.second, "conv2d#2/filter5"],
    ] as const) {
      const index = Number(id.slice(-1));
      const saved = [layer.weight.data.slice(), layer.bias!.data.slice()] as const;
      const size = layer.weight.size / layer.outChannels;
      layer.weight.data.fill(0, index * size, (index + 1) * size);
      layer.bias!.data[index] = 0;
      layer.weight.storage.version++;
      layer.bias!.storage.version++;
      const removal = removals.find((other) => other.id === id)!;
      assert.is(removal.loss, lossOf());
      let squares = 0;
      for (const weight of saved[0].subarray(index * size, (index + 1) * size)) squares += weight * weight;
      assert.is(removal.weightNorm, Math.sqrt(squares));
      layer.weight.data.set(saved[0]);
      layer.bias!.data.set(saved[1]);
      layer.weight.storage.version++;
      layer.bias!.storage.version++;
    }
    model.dispose();
  });

  test("estimates the removal of the last layer's input to first order", () => {
    // One logit counts: with a tiny weight the loss is nearly linear, and the estimate nearly the truth.
    manualSeed(2);
    const model = new Small();
    for (const parameter of model.parameters()) for (let at = 0; at < parameter.size; at++) parameter.data[at]! *= 0.3;
    const one = new data.Subset(images(3), 1);
    const { removals } = study.ablate(model, one);
    for (const { kind, lossIncrease, gradientActivation } of removals) {
      if (kind !== "filter") continue;
      assert.ok(
        Math.abs(Math.abs(lossIncrease) - gradientActivation) < 1e-3,
        `${lossIncrease} and ${gradientActivation}`,
      );
    }
    model.dispose();
  });

  test("is the same in every run, and tells its progress", () => {
    manualSeed(3);
    const model = new Small();
    const set = images(9);
    const steps: number[] = [];
    const first = study.ablate(model, set, {
      limit: 6,
      batchSize: 3,
      onProgress: (done, total) => steps.push(done / total),
    });
    assert.is(first.samples, 6);
    assert.is(steps[0], 0);
    assert.is(steps.at(-1), 1);
    assert.is(steps.length, 33);
    assert.equal(study.ablate(model, set, { limit: 6, batchSize: 3 }), first);
    for (const [options, message] of [
      [{ limit: 0 }, "ablate: limit 0 must be a whole number of at least 1; the data set has 9 samples"],
      [{ limit: 1.5 }, "ablate: limit 1.5 must be a whole number of at least 1; the data set has 9 samples"],
      [{ batchSize: 0 }, "ablate: batchSize 0 must be a whole number of at least 1; the data set has 9 samples"],
    ] as const) {
      assert.throws(
        () => study.ablate(model, set, options),
        (error: unknown) => error instanceof DataError && error.message === message,
      );
    }
    model.dispose();
  });

  test("removes single neurons where that is wanted", () => {
    manualSeed(4);
    const model = new Small();
    const set = images(5);
    const { removals, correlations } = study.ablate(model, set, { neurons: true });
    const neurons = removals.filter(({ kind }) => kind === "neuron");
    assert.equal(
      neurons.map(({ id, module }) => [id, module]),
      [0, 1, 2].map((index) => [`linear#1/neuron${index}`, "head"]),
    );
    assert.is(typeof correlations.neuron!.weightNorm, "number");
    model.eval();
    const saved = [model.head.weight.data.slice(), model.head.bias!.data.slice()] as const;
    model.head.weight.data.fill(0, 24, 48);
    model.head.bias!.data[1] = 0;
    const { images: batch, labels } = set.batch([0, 1, 2, 3, 4]);
    const loss = noGrad(() => crossEntropy(model.forward(batch), labels, { reduction: "sum" }).item());
    assert.is(neurons[1]!.loss, loss / 5);
    model.head.weight.data.set(saved[0]);
    model.head.bias!.data.set(saved[1]);
    assert.equal(Object.keys(study.ablate(model, set).correlations), ["filter"]);
    model.dispose();
  });

  test("estimates as well inside noGrad and with frozen parameters", () => {
    manualSeed(5);
    const model = new Small();
    const set = images(4);
    const expected = study.ablate(model, set);
    assert.equal(
      noGrad(() => study.ablate(model, set)),
      expected,
    );
    for (const parameter of model.parameters()) parameter.requiresGrad = false;
    assert.equal(study.ablate(model, set), expected);
    model.dispose();
  });

  test("goes step by step, and ends with the batch in which it is told to", () => {
    manualSeed(6);
    const model = new Small();
    const set = images(9);
    const signal = { aborted: false };
    const steps = study.ablateStepwise(model, set, { batchSize: 4, signal });
    let step = steps.next();
    let last = 0;
    for (; !step.done; step = steps.next()) {
      last = step.value.done;
      if (last === 3) signal.aborted = true;
      assert.is(step.value.total, 48);
    }
    assert.is(last, 16);
    assert.ok(model.training);
    assert.equal(step.value, study.ablate(model, set, { limit: 4, batchSize: 4 }));
    model.dispose();
  });

  test("leaves nothing behind where the steps are given up", () => {
    manualSeed(7);
    const model = new Small();
    for (const { done } of study.ablateStepwise(model, images(9), { batchSize: 4 })) if (done === 20) break;
    assert.ok(model.training && model.dropout.training);
    model.dispose();
  });
});

suite("rank correlation", (test) => {
  test("is 1 in the same order, −1 in the opposite one, and shares ranks", () => {
    assert.is(rankCorrelation([1, 5, 3], [10, 1000, 20]), 1);
    assert.is(rankCorrelation([1, 2, 3], [3, 2, 1]), -1);
    // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / √(4.5 · 5)
    assert.ok(Math.abs(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4]) - 4.5 / Math.sqrt(22.5)) < 1e-12);
    assert.ok(Number.isNaN(rankCorrelation([1, 1], [1, 2])));
  });
});
