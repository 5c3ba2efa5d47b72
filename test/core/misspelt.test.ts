/** Options that PyTorch's users misspell, and the positional forms they are used to. */
import * as assert from "uvu/assert";
import * as q from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

const { optim } = q;
/** As from plain JavaScript, where nothing checks types. */
// biome-ignore lint/suspicious/noExplicitAny: that is what is tested
const js = q as any;

const message = (body: () => unknown): string => {
  try {
    q.scope(body);
  } catch (error) {
    assert.instance(error, q.OptionError);
    return (error as Error).message;
  }
  return "nothing was refused";
};

suite("misspelt options", (test) => {
  test("of ops are refused", () =>
    q.scope(() => {
      const x = q.ones([1, 1, 4, 4]);
      const w = q.ones([1, 1, 3, 3]);
      const row = q.ones(4);
      const one = q.ones([1, 4]);
      const unknown = (name: string, near: string) => `option "${name}" is not known; did you mean "${near}"?`;
      const cases: [() => unknown, string][] = [
        [() => js.conv2d(x, w, undefined, { pad: 1 }), `conv2d: ${unknown("pad", "padding")}`],
        [() => js.maxPool2d(x, 2, { strides: 2 }), `maxPool2d: ${unknown("strides", "stride")}`],
        [() => js.avgPool2d(x, 2, { ceil_mode: true }), `avgPool2d: ${unknown("ceil_mode", "ceilMode")}`],
        [() => js.sum(x, 1, { keepdim: true }), `sum: ${unknown("keepdim", "keepDim")}`],
        [() => js.mean(x, 1, { keepdim: true }), `mean: ${unknown("keepdim", "keepDim")}`],
        [() => js.max(x, 1, { keepdim: true }), `max: ${unknown("keepdim", "keepDim")}`],
        [() => js.min(x, 1, { keepdim: true }), `min: ${unknown("keepdim", "keepDim")}`],
        [() => js.argmax(x, 1, { keepdim: true }), `argmax: ${unknown("keepdim", "keepDim")}`],
        [() => js.std(x, 1, { corection: 0 }), `std: ${unknown("corection", "correction")}`],
        [() => js.gelu(x, { approximate: "tahn" }), 'gelu: approximate must be "none" or "tanh", got "tahn"'],
        [() => js.leakyRelu(x, { slope: 0.2 }), 'leakyRelu: option "slope" is not known; known are negativeSlope'],
        [() => js.clamp(x, { minimum: 0 }), 'clamp: option "minimum" is not known; known are min, max'],
        [() => js.clamp(x, 0, null), "clamp: max must be a number, got null"],
        [() => js.softplus(x, { beta: "2" }), 'softplus: beta must be a number, got "2"'],
        [() => js.dropout(x, 0.5, { train: false }), `dropout: ${unknown("train", "training")}`],
        [
          () => js.crossEntropy(one, q.tensor([1], { dtype: "int32" }), { label_smoothing: 0.1 }),
          `crossEntropy: ${unknown("label_smoothing", "labelSmoothing")}`,
        ],
        [() => js.mseLoss(row, row, { reducton: "sum" }), `mseLoss: ${unknown("reducton", "reduction")}`],
        [() => js.zeros([2], { requires_grad: true }), `zeros: ${unknown("requires_grad", "requiresGrad")}`],
        [() => js.tensor([1], { dtyp: "int32" }), `tensor: ${unknown("dtyp", "dtype")}`],
        [() => js.randn([2], { generater: 1 }), `randn: ${unknown("generater", "generator")}`],
        [
          () => row.sum().backward(undefined, js.OptionError),
          "backward: retainGraph must be true or false, got a function",
        ],
      ];
      for (const [body, wanted] of cases) assert.is(message(body), wanted);
    }));

  test("of layers and optimisers are refused where they are made", () => {
    const layers = js.nn;
    const parameters = () => [q.ones([1], { requiresGrad: true })];
    const near = 'option "pad" is not known; did you mean "padding"?';
    assert.is(
      message(() => new layers.Conv2d(1, 1, 3, { pad: 1 })),
      `Conv2d: ${near}`,
    );
    assert.is(
      message(() => new layers.MaxPool2d(2, { pad: 1 })),
      `MaxPool2d: ${near}`,
    );
    const bias = 'Linear: option "bais" is not known; did you mean "bias"?';
    assert.is(
      message(() => new layers.Linear(1, 1, { bais: false })),
      bias,
    );
    const slope = "LeakyReLU: negativeSlope must be a number, got a Tensor";
    assert.is(
      message(() => new layers.LeakyReLU({ negativeSlope: q.ones([1]) })),
      slope,
    );
    const rate = /^SGD: option "learningRate" is not known; known are lr, /;
    assert.match(
      message(() => new js.optim.SGD(parameters(), { learningRate: 5 })),
      rate,
    );
  });
});

suite("positional forms", (test) => {
  test("mean what they mean in PyTorch", () =>
    q.scope(() => {
      const x = q.tensor([-2, -1, 0, 3]);
      bits(js.leakyRelu(x, 0.5), [-1, -0.5, 0, 3]);
      bits(q.clamp(x, 0, 1), [0, 0, 0, 1]);
      bits(q.clamp(x, -1), [-1, -1, 0, 3]);
      bits(q.clamp(x, undefined, 1), [-2, -1, 0, 1]);
      assert.equal(q.zeros(2, 3).shape, [2, 3]);
      assert.equal(q.ones(2, { dtype: "int32" }).dtype, "int32");
      assert.equal(q.randn(2, 3).shape, [2, 3]);
      assert.equal(q.zeros().shape, []);
      assert.equal(x.reshape(2, 2).shape, [2, 2]);
      assert.equal(x.reshape(2, -1).shape, [2, 2]);
      assert.equal(q.zeros(2, 3).permute(1, 0).shape, [3, 2]);
      assert.equal(js.sum(q.ones(2, 3), 1, true).shape, [2, 1]);
      assert.equal(q.maxPool2d(q.ones(1, 1, 4, 4), 2, 1).shape, [1, 1, 3, 3]);
      const [group] = new optim.SGD([q.ones([1], { requiresGrad: true })], 0.1).paramGroups;
      assert.is(group!.lr, 0.1);
    }));

  test("that could be misread are refused", () => {
    const zeros = "zeros: 3 arguments; give a shape such as [2, 3] or its sizes one by one, and options last";
    assert.is(
      message(() => js.zeros(2, {}, 3)),
      zeros,
    );
    assert.is(
      message(() => js.zeros([2], 3)),
      "zeros: 2 arguments; give a shape such as [2, 3] or its sizes one by one, and options last",
    );
  });
});
