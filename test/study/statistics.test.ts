import * as assert from "uvu/assert";
import { crossEntropy, DataError, data, manualSeed, nn, rand, Sora, study, sum, tensor } from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

suite("activation statistics", (test) => {
  test("are those of all outputs, whatever the batches", () => {
    const model = new nn.Sequential(new nn.ReLU());
    const images = tensor([
      [1, -2, 0],
      [3, -4, 0],
      [5, -6, 2],
    ]);
    for (const batchSize of [1, 2, 3]) {
      const [found] = study.activationStatistics(model, new data.TensorDataset({ images }), { batchSize });
      // 1 0 0 3 0 0 5 0 2: mean 11 / 9, mean of squares 39 / 9
      assert.is(found!.count, 9);
      assert.ok(Math.abs(found!.mean - 11 / 9) < 1e-12);
      assert.ok(Math.abs(found!.deviation - Math.sqrt(39 / 9 - (11 / 9) ** 2)) < 1e-12);
      assert.is(found!.smallest, 0);
      assert.is(found!.largest, 5);
      assert.is(found!.zeros, 5 / 9);
      assert.is(found!.units, 3);
      assert.equal(found!.deadUnits, [1]);
    }
  });

  test("name the dead filters of Sora", () => {
    manualSeed(0);
    const model = new Sora();
    model.conv1.bias!.data[7] = -100;
    model.conv1.bias!.storage.version++;
    const found = study.activationStatistics(model, new data.TensorDataset({ images: rand([3, 1, 28, 28]) }), {
      limit: 2,
    });
    assert.ok(found.find(({ id }) => id === "relu#1")!.deadUnits.includes(7));
    assert.is(found.find(({ id }) => id === "relu#1")!.count, 2 * 32 * 28 * 28);
    assert.equal(JSON.parse(JSON.stringify(found)), found);
    model.dispose();
  });

  test("need samples", () => {
    const dataset = new data.TensorDataset({ images: rand([3, 2]) });
    assert.throws(
      () => study.activationStatistics(new nn.ReLU(), dataset, { limit: 0 }),
      (error: unknown) => error instanceof DataError,
    );
  });
});

suite("gradient statistics", (test) => {
  test("describe what backward left", () => {
    const model = new nn.Linear(2, 1, { bias: false });
    model.weight.data.set([3, 4]);
    assert.equal(study.gradientStatistics(model), []);
    sum(model.forward(tensor([[6, 8]]))).backward();
    assert.equal(study.gradientStatistics(model), [
      { name: "weight", count: 2, mean: 7, deviation: 1, smallest: 6, largest: 8, zeros: 0, norm: 10, relativeNorm: 2 },
    ]);
    model.dispose();
  });

  test("name every parameter of Sora", () => {
    manualSeed(1);
    const model = new Sora();
    crossEntropy(model.forward(rand([2, 1, 28, 28])), tensor([1, 2], { dtype: "int32" })).backward();
    assert.equal(
      study.gradientStatistics(model).map(({ name }) => name),
      [...model.namedParameters()].map(([name]) => name),
    );
    model.dispose();
  });
});
