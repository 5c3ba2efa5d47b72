import * as assert from "uvu/assert";
import {
  data,
  flatten,
  manualSeed,
  nn,
  noGrad,
  optim,
  rand,
  ShapeError,
  Sora,
  scope,
  study,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { mnist } from "../../src/node.ts";
import { suite } from "../helpers/suite.ts";

/** One weight for each pixel and class: what each pixel gives to a score is known. */
class Flat extends nn.Module {
  readonly fc = new nn.Linear(6, 2);

  forward(images: Tensor): Tensor {
    return this.fc.forward(flatten(images, 1));
  }
}

const weights = [
  [1, -2, 4, 0.5, 0, -1],
  [3, 0.25, -8, 2, 1, -4],
];

function flat(): Flat {
  const model = new Flat();
  model.loadStateDict({ "fc.weight": tensor(weights), "fc.bias": tensor([10, 20]) });
  return model;
}

const images = () =>
  tensor([
    [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      [
        [-1, 0, 0.5],
        [2, 1, 1],
      ],
    ],
  ]);

const numbersOf = (result: Tensor) => [...result.data].map((value) => value + 0);

suite("attribution of a linear model", (test) => {
  test("saliency is the size of the weights", () => {
    const model = flat();
    const map = study.saliency(model, images(), [0, 1]);
    assert.equal(map.shape, [2, 1, 2, 3]);
    assert.equal(numbersOf(map), [1, 2, 4, 0.5, 0, 1, 3, 0.25, 8, 2, 1, 4]);
    model.dispose();
  });

  for (const name of ["gradientTimesInput", "integratedGradients", "occlusion"] as const) {
    test(`${name} is weight times pixel`, () => {
      const model = flat();
      const map =
        name === "occlusion"
          ? study.occlusion(model, images(), [0, 1], { window: 1 })
          : study[name](model, images(), [0, 1]);
      assert.equal(map.shape, name === "occlusion" ? [2, 2, 3] : [2, 1, 2, 3]);
      assert.equal(numbersOf(map), [1, -4, 12, 2, 0, -6, -3, 0, -4, 4, 1, -4]);
      model.dispose();
    });
  }

  test("integratedGradients begins at the baseline, and its sum is complete", () => {
    const model = flat();
    const input = images();
    const baseline = tensor(new Float32Array(12).fill(1), { shape: [2, 1, 2, 3] });
    const map = study.integratedGradients(model, input, 1, { baseline, steps: 4 });
    assert.equal(numbersOf(map), [0, 0.25, -16, 6, 4, -20, -6, -0.25, 4, 2, 0, 0]);
    const found = study.completeness(model, input, 1, map, { baseline });
    assert.equal(found, [
      { sum: -25.75, difference: -25.75, error: 0 },
      { sum: -0.25, difference: -0.25, error: 0 },
    ]);
    model.dispose();
  });

  test("occlusion takes the mean of the windows that cover a pixel", () => {
    const model = flat();
    const map = study.occlusion(model, images(), 0, { window: 2, stride: 1 });
    // Windows of columns 0–1 and 1–2 lose 1 − 4 + 2 + 0 = −1 and −4 + 12 + 0 − 6 = 2.
    assert.equal(numbersOf(map).slice(0, 6), [-1, 0.5, 2, -1, 0.5, 2]);
    model.dispose();
  });

  test("errors say what is wrong", () => {
    const model = flat();
    const input = images();
    assert.throws(
      () => study.saliency(model, input, 2),
      (error: Error) =>
        error instanceof ShapeError && error.message === "saliency: target 2 is not one of 2 classes (scores [2, 2])",
    );
    assert.throws(() => study.saliency(model, input, [0]), /1 targets for 2 inputs/);
    assert.throws(() => study.integratedGradients(model, input, 0, { steps: 0 }), /steps/);
    assert.throws(() => study.integratedGradients(model, input, 0, { baseline: rand([2]) }), /baseline/);
    assert.throws(() => study.occlusion(model, input, 0, { window: 3 }), /does not fit 2×3/);
    assert.throws(() => study.occlusion(model, input, 0, { window: 2, stride: 3 }), /stride 3/);
    assert.throws(() => study.gradCam(model, input, 0, { node: "linear#1" }), /linear#1 gives \[2, 2\]/);
    assert.throws(() => study.gradCam(model, input, 0, { node: "relu#1" }), /no particle is named "relu#1"/);
    model.dispose();
  });
});

/** Two filters of one pixel, then the mean of each map: the maps and their weights are known. */
class Tiny extends nn.Module {
  readonly conv = new nn.Conv2d(1, 2, 1);
  readonly drop = new nn.Dropout(0.5);
  readonly head = new nn.Linear(8, 2);

  forward(input: Tensor): Tensor {
    return this.head.forward(flatten(this.drop.forward(this.conv.forward(input)), 1));
  }
}

suite("Grad-CAM", (test) => {
  test("weighs the last maps by their mean gradients", () => {
    const model = new Tiny();
    model.loadStateDict({
      "conv.weight": tensor([1, -1], { shape: [2, 1, 1, 1] }),
      "conv.bias": tensor([0, 1]),
      "head.weight": tensor([
        [1, 1, 1, 1, 0, 0, 2, 2],
        [0, 0, 0, 0, 1, 1, 1, 1],
      ]),
      "head.bias": tensor([0, 0]),
    });
    const input = tensor([1, -2, 3, 4], { shape: [1, 1, 2, 2] });
    // α = [1, 1] for class 0: x + (1 − x) = 1; α = [0, 1] for class 1: ReLU(1 − x).
    assert.equal(numbersOf(study.gradCam(model, input, 0)), [1, 1, 1, 1]);
    assert.equal(numbersOf(study.gradCam(model, input, 1, { resize: false })), [0, 3, 0, 0]);
    assert.equal(numbersOf(study.featureMaps(model, input)), [1, -2, 3, 4, 0, 3, -2, -3]);
    assert.ok(model.drop.training);
    model.dispose();
  });

  test("draws the map of Sora out to the image", () => {
    manualSeed(0);
    const model = new Sora();
    const input = rand([2, 1, 28, 28]);
    assert.equal(study.gradCam(model, input, [3, 4]).shape, [2, 28, 28]);
    assert.equal(study.gradCam(model, input, 3, { resize: false }).shape, [2, 7, 7]);
    assert.equal(study.gradCam(model, input, 3, { node: "relu#1", resize: false }).shape, [2, 28, 28]);
    assert.equal(study.featureMaps(model, input, { node: "conv2d#1" }).shape, [2, 32, 28, 28]);
    model.dispose();
  });
});

suite("attribution of a trained Sora", (test) => {
  test("integrated gradients are complete within 1 % at 64 steps on ten images", () => {
    manualSeed(0);
    const model = new Sora();
    const criterion = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
    const training = new data.Subset(mnist("train"), 1280);
    for (const { images, labels } of new data.DataLoader(training, { batchSize: 64, shuffle: true })) {
      optimizer.zeroGrad();
      criterion.forward(model.forward(images), labels).backward();
      optimizer.step();
    }
    const grads = [...model.parameters()].map(({ grad }) => grad?.data.slice());
    const { images, labels } = mnist("test").batch(Array.from({ length: 10 }, (_, index) => index));
    const classes = [...labels.data];
    const found = noGrad(() =>
      scope(() =>
        study.completeness(model, images, classes, study.integratedGradients(model, images, classes, { steps: 64 })),
      ),
    );
    assert.is(found.length, 10);
    for (const { error } of found) assert.ok(error < 0.01, `off by ${100 * error} %`);
    for (const [index, parameter] of [...model.parameters()].entries()) {
      assert.ok(parameter.requiresGrad);
      assert.equal(parameter.grad?.data.slice(), grads[index], "gradients stay as they were");
    }
    assert.is(images.requiresGrad, false);
    optimizer.dispose?.();
    model.dispose();
  });
});
