import * as assert from "uvu/assert";
import {
  crossEntropy,
  GraphError,
  manualSeed,
  nn,
  optim,
  rand,
  relu,
  Sora,
  study,
  sum,
  type Tensor,
  tensor,
  weightsSha256,
} from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

const all = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Ends in what `last` says. */
class Chain extends nn.Module {
  readonly first = new nn.Conv2d(1, 4, 3);
  readonly second = new nn.Conv2d(4, 4, 1);
  readonly #middle: (value: Tensor) => Tensor;

  constructor(middle: (value: Tensor) => Tensor) {
    super();
    this.#middle = middle;
  }

  forward(images: Tensor): Tensor {
    return this.second.forward(this.#middle(this.first.forward(images)));
  }
}

function refused(body: () => void, pattern: RegExp): void {
  assert.throws(body, (error: unknown) => error instanceof GraphError && pattern.test(error.message));
}

suite("prune", (test) => {
  test("makes Sora smaller by 24 filters and what belongs to them", () => {
    manualSeed(0);
    const model = new Sora();
    const sample = rand([2, 1, 28, 28]);
    const full = study.decompose(model, sample);
    let masked = full;
    for (let index = 0; index < 8; index++) masked = study.removeKernel(masked, "conv2d#1", 4 * index);
    for (let index = 0; index < 16; index++) masked = study.removeKernel(masked, "conv2d#2", 4 * index + 1);
    const expected = masked.run(sample) as Tensor;
    const keep = {
      conv1: all(32).filter((index) => index % 4 !== 0),
      conv2: all(64).filter((index) => index % 4 !== 1),
    };
    const pruning = study.prune(model, keep, sample);
    assert.is(pruning.parametersBefore, 421_642);
    assert.is(pruning.parametersAfter, 24 * 10 + 48 * (24 * 9 + 1) + 128 * (48 * 49 + 1) + 1290);
    assert.ok(pruning.largestDifference <= 1e-6);
    assert.is(pruning.float64Difference, 0);
    assert.equal(Object.fromEntries(pruning.changed.map(({ name, after }) => [name, after])), {
      "conv1.weight": [24, 1, 3, 3],
      "conv1.bias": [24],
      "conv2.weight": [48, 24, 3, 3],
      "conv2.bias": [48],
      "fc1.weight": [128, 2352],
    });
    const actual = model.forward(sample);
    for (let at = 0; at < actual.size; at++) assert.ok(Math.abs(actual.data[at]! - expected.data[at]!) <= 1e-6);
    assert.is(model.conv2.inChannels, 24);
    assert.is(model.fc1.inFeatures, 2352);
    assert.is(study.costs(study.decompose(model, rand([1, 1, 28, 28]))).total.parameters, pruning.parametersAfter);
    model.dispose();
  });

  test("removes terms that were zero, so that only the grouping of long sums differs", () => {
    manualSeed(3);
    const model = new Sora();
    // Logits of a trained model are greater than those of a fresh one.
    for (let at = 0; at < model.fc2.weight.size; at++) model.fc2.weight.data[at]! *= 40;
    const sample = rand([3, 1, 28, 28]);
    const full = study.decompose(model, sample);
    let masked = full;
    for (let index = 0; index < 8; index++) masked = study.removeKernel(masked, "conv2d#1", 4 * index);
    for (let index = 0; index < 16; index++) masked = study.removeKernel(masked, "conv2d#2", 4 * index + 1);
    const keep2 = all(64).filter((index) => index % 4 !== 1);
    const expected = new Map<string, Float32Array>();
    masked.run(sample, ({ id }, value) => void expected.set(id, value.data.slice() as Float32Array));
    const { largestDifference, relativeDifference, float64Difference } = study.prune(
      model,
      { conv1: all(32).filter((index) => index % 4 !== 0), conv2: keep2 },
      sample,
    );
    let compared = 0;
    study.decompose(model, sample).run(sample, ({ id }, value) => {
      if (id !== "conv2d#2" && id !== "maxPool2d#2") return;
      const [count, channels, height, width] = value.shape as [number, number, number, number];
      const area = height * width;
      for (let image = 0; image < count; image++) {
        for (let channel = 0; channel < channels; channel++) {
          const own = (image * channels + channel) * area;
          const old = (image * 64 + keep2[channel]!) * area;
          assert.equal(value.data.slice(own, own + area), expected.get(id)!.slice(old, old + area));
          compared++;
        }
      }
    });
    assert.is(compared, 2 * 3 * 48);
    const largest = Math.max(...expected.get("linear#2")!.map(Math.abs));
    assert.ok(largest > 1);
    assert.is(relativeDifference, largestDifference / largest);
    assert.ok(relativeDifference <= 1e-6);
    assert.is(float64Difference, 0);
    model.dispose();
  });

  test("compares all samples in float64 where the model takes no other batch", () => {
    manualSeed(4);
    class Fixed extends nn.Module {
      readonly first = new nn.Linear(3, 4);
      readonly second = new nn.Linear(4, 2);
      forward(input: Tensor): Tensor {
        return this.second.forward(relu(this.first.forward(input))).reshape([2, 2, 2]);
      }
    }
    const model = new Fixed();
    const { float64Difference } = study.prune(model, { first: [0, 3] }, rand([4, 3]));
    assert.is(float64Difference, 0);
    model.dispose();
  });

  test("leaves a model that trains on", () => {
    manualSeed(1);
    const model = new Sora();
    const sample = rand([2, 1, 28, 28]);
    study.prune(model, { conv2: [1, 5, 60] }, sample);
    const optimizer = new optim.Adam(model.parameters());
    const labels = tensor([3, 7], { dtype: "int32" });
    const lossOf = () => crossEntropy(model.forward(sample), labels);
    const before = lossOf().item();
    for (let step = 0; step < 5; step++) {
      optimizer.zeroGrad();
      lossOf().backward();
      optimizer.step();
    }
    assert.ok(lossOf().item() < before);
    assert.ok(study.verify(model, study.decompose(model, sample), sample).equal);
    optimizer.dispose();
    model.dispose();
  });

  test("prunes neurons as well", () => {
    const model = new nn.Sequential(new nn.Linear(3, 5), new nn.ReLU(), new nn.Linear(5, 2));
    const { parametersAfter } = study.prune(model, { 0: [0, 4] }, rand([2, 3]));
    assert.is(parametersAfter, 2 * 4 + 2 * 3);
    model.dispose();
  });

  test("refuses what it cannot do, and changes nothing", () => {
    manualSeed(2);
    const sample = rand([1, 1, 6, 6]);
    const cases: [(value: Tensor) => Tensor, study.Kept, RegExp][] = [
      [relu, { second: [0] }, /reach the output/],
      [relu, { third: [0] }, /no layer "third" is made of kernels; there are first, second/],
      [relu, { first: [4] }, /first has 4 kernels, 0 to 3, and none numbered 4/],
      [relu, { first: [] }, /nothing would be left of first/],
      [(value) => sum(value, 1, { keepDim: true }).expand([1, 4, 4, 4]), { first: [0] }, /some that stay/],
      [(value) => value.add(1), { first: [0, 1] }, /would differ by/],
    ];
    for (const [middle, keep, message] of cases) {
      const model = new Chain(middle);
      const before = weightsSha256(model);
      refused(() => study.prune(model, keep, sample), message);
      assert.is(weightsSha256(model), before);
      model.dispose();
    }
  });

  test("refuses layers whose kernels read a part of the channels", () => {
    const model = new nn.Sequential(new nn.Conv2d(2, 4, 3, { groups: 2 }), new nn.Conv2d(4, 2, 1));
    assert.throws(
      () => study.prune(model, { "0": [0, 2] }, rand([1, 2, 5, 5])),
      (error: unknown) =>
        error instanceof GraphError &&
        error.message ===
          "prune: each filter of conv2d#1 reads 1 channels of 2; only layers whose kernels read all of them shrink",
    );
    model.dispose();
  });
});
