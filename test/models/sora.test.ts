import * as assert from "uvu/assert";
import {
  conv2d,
  crossEntropy,
  linear,
  manualSeed,
  maxPool2d,
  noGrad,
  observe,
  rand,
  reshape,
  ShapeError,
  Sora,
  sum,
  tensor,
  zeros,
} from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

function using(body: (model: Sora) => void): void {
  const model = new Sora();
  try {
    body(model);
  } finally {
    model.dispose();
  }
}

suite("Sora", (test) => {
  test("has 421,642 parameters under PyTorch's names", () =>
    using((model) => {
      const shapes = Object.fromEntries([...model.namedParameters()].map(([name, { shape }]) => [name, shape]));
      assert.equal(shapes, {
        "conv1.weight": [32, 1, 3, 3],
        "conv1.bias": [32],
        "conv2.weight": [64, 32, 3, 3],
        "conv2.bias": [64],
        "fc1.weight": [128, 3136],
        "fc1.bias": [128],
        "fc2.weight": [10, 128],
        "fc2.bias": [10],
      });
      assert.is(
        [...model.parameters()].reduce((total, { size }) => total + size, 0),
        421_642,
      );
    }));

  test("is ten applications, of which two and two run as one", () =>
    using((model) => {
      const applied: string[] = [];
      const watcher = { applied: ({ particle }: { particle: { name: string } }) => applied.push(particle.name) };
      const logits = observe(watcher, () => model.forward(rand([2, 1, 28, 28])));
      assert.equal(logits.shape, [2, 10]);
      assert.equal(applied.join(" "), "conv2d reluMaxPool2d conv2d reluMaxPool2d flatten linear relu linear");
    }));

  test("gives a gradient to every parameter", () =>
    using((model) => {
      manualSeed(0);
      sum(model.forward(rand([3, 1, 28, 28]))).backward();
      for (const [name, { grad, shape }] of model.namedParameters()) {
        assert.equal(grad?.shape, shape, name);
        assert.ok(
          grad!.data.some((value) => value !== 0),
          name,
        );
      }
    }));

  test("gives an image the same bits alone and in a batch", () =>
    using((model) => {
      const images = rand([5, 1, 28, 28]);
      const all = noGrad(() => model.forward(images));
      for (let k = 0; k < 5; k++) {
        bits(noGrad(() => model.forward(images.narrow(0, k, 1))).data, all.data.slice(k * 10, k * 10 + 10));
      }
    }));
});

suite("the article's example, put right", (test) => {
  test("flattened by 64 * 4 * 4, the program stops at the loss, which says why", () => {
    const features = zeros([64, 64, 7, 7], { requiresGrad: true });
    const logits = linear(reshape(features, [-1, 64 * 4 * 4]), zeros([10, 1024]));
    const labels = zeros([64], { dtype: "int32" });
    assert.throws(
      () => crossEntropy(logits, labels),
      (error: unknown) => {
        assert.instance(error, ShapeError);
        assert.is(
          (error as Error).message,
          "crossEntropy: target must hold one label for each of the 196 samples, [196], got [64] (input [196, 10], target [64]); " +
            "before that, reshape made 196 rows of 1024 from 64 samples × 3136 values. Did you mean 64*7*7 = 3136?",
        );
        return true;
      },
    );
  });

  const image = () =>
    tensor(
      [
        [
          [
            [1, 2, 3],
            [4, 5, 6],
            [7, 8, 9],
          ],
        ],
      ],
      { requiresGrad: true },
    );
  const kernel = () =>
    tensor(
      [
        [
          [
            [1, 0],
            [1, 1],
          ],
        ],
      ],
      { requiresGrad: true },
    );

  test("a 2 × 2 kernel over a 3 × 3 image gives 2 × 2, and pooling its maximum", () => {
    const y = conv2d(image(), kernel());
    bits(y, { shape: [1, 1, 2, 2], data: [10, 13, 19, 22] });
    bits(maxPool2d(y, 2), { shape: [1, 1, 1, 1], data: [22] });
  });

  test("gradients of the sum", () => {
    const [x, k] = [image(), kernel()];
    sum(conv2d(x, k)).backward();
    bits(k.grad!, { shape: [1, 1, 2, 2], data: [12, 16, 24, 28] });
    bits(x.grad!, { shape: [1, 1, 3, 3], data: [1, 1, 0, 2, 3, 1, 1, 2, 1] });
  });
});
