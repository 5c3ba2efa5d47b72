import * as assert from "uvu/assert";
import {
  avgPool2d,
  bceWithLogits,
  conv2d,
  crossEntropy,
  elu,
  gelu,
  l1Loss,
  leakyRelu,
  linear,
  logSoftmax,
  manualSeed,
  maxPool2d,
  mean,
  mseLoss,
  nllLoss,
  nn,
  observe,
  QuarkError,
  rand,
  randn,
  relu,
  sigmoid,
  silu,
  softmax,
  softplus,
  type Tensor,
  tanh,
  tensor,
} from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

function using<M extends nn.Module>(module: M, body: (module: M) => void): void {
  try {
    body(module);
  } finally {
    module.dispose();
  }
}

function fails(body: () => unknown, kind: abstract new (...args: never) => Error, message: string): void {
  assert.throws(body, (error: unknown) => {
    assert.instance(error, kind);
    assert.is((error as Error).message, message);
    return true;
  });
}

const image = () => rand([2, 4, 6, 8]);
const labels = () => tensor([1, 0, 2], { dtype: "int32" });

/** A layer, an input, and the call of an op that it stands for. */
const layers: readonly (readonly [string, () => nn.Module, () => Tensor, (x: Tensor) => Tensor])[] = [
  ["ReLU()", () => new nn.ReLU(), () => rand([5]), (x) => relu(x)],
  ["Sigmoid()", () => new nn.Sigmoid(), () => rand([5]), (x) => sigmoid(x)],
  ["Tanh()", () => new nn.Tanh(), () => rand([5]), (x) => tanh(x)],
  ["SiLU()", () => new nn.SiLU(), () => rand([5]), (x) => silu(x)],
  ["LeakyReLU()", () => new nn.LeakyReLU(), () => randn([5]), (x) => leakyRelu(x)],
  [
    "LeakyReLU(negativeSlope=0.5)",
    () => new nn.LeakyReLU({ negativeSlope: 0.5 }),
    () => randn([5]),
    (x) => leakyRelu(x, { negativeSlope: 0.5 }),
  ],
  ["ELU(alpha=2)", () => new nn.ELU({ alpha: 2 }), () => randn([5]), (x) => elu(x, { alpha: 2 })],
  ["GELU()", () => new nn.GELU(), () => randn([5]), (x) => gelu(x)],
  [
    "GELU(approximate=tanh)",
    () => new nn.GELU({ approximate: "tanh" }),
    () => randn([5]),
    (x) => gelu(x, { approximate: "tanh" }),
  ],
  ["Softplus(beta=2)", () => new nn.Softplus({ beta: 2 }), () => randn([5]), (x) => softplus(x, { beta: 2 })],
  ["Softmax(axis=1)", () => new nn.Softmax(), () => rand([3, 5]), (x) => softmax(x, 1)],
  ["Softmax(axis=0)", () => new nn.Softmax(0), () => rand([3, 5]), (x) => softmax(x, 0)],
  ["LogSoftmax(axis=-1)", () => new nn.LogSoftmax(-1), () => rand([3, 5]), (x) => logSoftmax(x, -1)],
  ["MaxPool2d(kernelSize=2)", () => new nn.MaxPool2d(2), image, (x) => maxPool2d(x, 2)],
  [
    "MaxPool2d(kernelSize=3, stride=2, padding=1)",
    () => new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
    image,
    (x) => maxPool2d(x, 3, { stride: 2, padding: 1 }),
  ],
  [
    "AvgPool2d(kernelSize=3, padding=1, countIncludePad=false)",
    () => new nn.AvgPool2d(3, { padding: 1, countIncludePad: false }),
    image,
    (x) => avgPool2d(x, 3, { padding: 1, countIncludePad: false }),
  ],
  ["AdaptiveAvgPool2d(3,2)", () => new nn.AdaptiveAvgPool2d([3, 2]), image, (x) => avgPool2d(x, [2, 4])],
];

suite("layers without parameters", (test) => {
  for (const [shown, make, input, op] of layers) {
    test(`${shown} is its op`, () => {
      const x = input();
      const layer = make();
      bits(layer.forward(x), op(x));
      assert.is(layer.toString(), shown);
      assert.equal(Object.keys(layer.stateDict()), []);
    });
  }

  test("AdaptiveAvgPool2d(1) is the mean of each map", () => {
    const x = image();
    bits(new nn.AdaptiveAvgPool2d(1).forward(x), mean(x, [2, 3], { keepDim: true }));
  });

  test("Dropout drops in training only", () => {
    const layer = new nn.Dropout(0.5);
    const x = rand([1000]);
    const dropped = layer.forward(x);
    const zeros = dropped.data.filter((value) => value === 0).length;
    assert.ok(zeros > 400 && zeros < 600, `${zeros} of 1000`);
    for (let k = 0; k < 1000; k++) if (dropped.data[k] !== 0) assert.is(dropped.data[k], 2 * x.data[k]!);
    layer.eval();
    bits(layer.forward(x), x);
    assert.is(layer.toString(), "Dropout(p=0.5)");
    fails(() => new nn.Dropout(1.5), QuarkError, "Dropout: p 1.5 must be at least 0 and at most 1");
  });
});

suite("layers with parameters", (test) => {
  test("Conv2d is its op, with and without bias and options", () => {
    using(new nn.Conv2d(4, 6, [3, 1], { stride: 2, padding: 1, groups: 2, bias: false }), (layer) => {
      const x = image();
      bits(layer.forward(x), conv2d(x, layer.weight, undefined, { stride: 2, padding: 1, groups: 2 }));
      assert.equal(Object.keys(layer.stateDict()), ["weight"]);
      assert.equal(layer.weight.shape, [6, 2, 3, 1]);
      assert.is(layer.toString(), "Conv2d(4, 6, kernelSize=3×1, stride=2, padding=1, groups=2, bias=false)");
    });
    using(new nn.Conv2d(4, 6, 3), (layer) => {
      const x = image();
      bits(layer.forward(x), conv2d(x, layer.weight, layer.bias));
      assert.equal(Object.keys(layer.stateDict()), ["weight", "bias"]);
    });
    fails(
      () => new nn.Conv2d(4, 6, 3, { groups: 4 }),
      QuarkError,
      "Conv2d: 4 groups do not divide 4 input and 6 output channels; each group takes as many of both",
    );
  });

  test("Linear is its op, with and without bias", () => {
    for (const bias of [true, false]) {
      using(new nn.Linear(5, 3, { bias }), (layer) => {
        const x = rand([2, 5]);
        bits(layer.forward(x), linear(x, layer.weight, layer.bias));
        assert.equal(Object.keys(layer.stateDict()), bias ? ["weight", "bias"] : ["weight"]);
      });
    }
  });

  test("start within ±1/√fanIn, the same for the same seed", () => {
    manualSeed(7);
    using(new nn.Linear(16, 100), (a) => {
      for (const value of [...a.weight.data, ...a.bias!.data]) assert.ok(Math.abs(value) <= 0.25);
      manualSeed(7);
      using(new nn.Linear(16, 100), (b) => {
        bits(a.weight, b.weight);
        bits(a.bias!, b.bias!);
      });
    });
  });
});

suite("losses", (test) => {
  const logits = () => rand([3, 4]);

  test("are their ops", () => {
    const x = logits();
    const y = rand([3, 4]);
    bits(new nn.CrossEntropyLoss().forward(x, labels()), crossEntropy(x, labels()));
    bits(new nn.NLLLoss({ reduction: "sum" }).forward(x, labels()), nllLoss(x, labels(), { reduction: "sum" }));
    bits(new nn.MSELoss().forward(x, y), mseLoss(x, y));
    bits(new nn.L1Loss({ reduction: "none" }).forward(x, y), l1Loss(x, y, { reduction: "none" }));
    bits(new nn.BCEWithLogitsLoss().forward(x, y), bceWithLogits(x, y));
  });

  test("keep weights as buffers", () => {
    const x = logits();
    const weight = tensor([1, 2, 3, 4]);
    using(new nn.CrossEntropyLoss({ weight, labelSmoothing: 0.1 }), (loss) => {
      bits(loss.forward(x, labels()), crossEntropy(x, labels(), { weight, labelSmoothing: 0.1 }));
      assert.equal(Object.keys(loss.stateDict()), ["weight"]);
      assert.equal([...loss.parameters()], []);
    });
    using(new nn.BCEWithLogitsLoss({ posWeight: weight }), (loss) =>
      bits(loss.forward(x, x), bceWithLogits(x, x, { posWeight: weight })),
    );
    using(new nn.NLLLoss({ weight }), (loss) => bits(loss.forward(x, labels()), nllLoss(x, labels(), { weight })));
  });
});

suite("an observer", (test) => {
  test("learns which layer an application is of", () =>
    using(new nn.Sequential(new nn.Flatten(), new nn.Linear(4, 3), relu, new nn.ReLU()), (model) => {
      const seen: string[] = [];
      const open: string[] = [];
      const watcher = {
        entering: (module: object) => open.push(module.constructor.name),
        leaving: () => open.pop(),
        applied: ({ particle }: { particle: { name: string } }) => seen.push(`${particle.name} of ${open.at(-1)}`),
      };
      observe(watcher, () => model.forward(rand([2, 2, 2])));
      assert.equal(seen, ["flatten of Flatten", "linear of Linear", "relu of Sequential", "relu of ReLU"]);
    }));
});
