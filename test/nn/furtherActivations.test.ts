import * as assert from "uvu/assert";
import { OptionError } from "../../src/errors.ts";
import * as quark from "../../src/index.ts";
import { hardtanh, nn, relu6, softmin, tanhshrink, tensor } from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

const x = () => tensor([[-4, -0.25, 0.5, 7]]);

suite("further activations", (test) => {
  for (const [layer, op] of [
    ["ReLU6", "relu6"],
    ["Hardtanh", "hardtanh"],
    ["Hardsigmoid", "hardsigmoid"],
    ["Hardswish", "hardswish"],
    ["Mish", "mish"],
    ["SELU", "selu"],
    ["CELU", "celu"],
    ["LogSigmoid", "logSigmoid"],
    ["Softsign", "softsign"],
    ["Tanhshrink", "tanhshrink"],
    ["Hardshrink", "hardshrink"],
    ["Softshrink", "softshrink"],
    ["GLU", "glu"],
  ] as const) {
    // biome-ignore lint/performance/noDynamicNamespaceImportAccess: the names are the matter of the test
    test(`${layer} is ${op}`, () => bits(new nn[layer]().forward(x()), quark[op](x()).data));
  }

  test("their options arrive", () => {
    bits(new nn.Hardtanh({ minVal: 0, maxVal: 2 }).forward(x()), [0, 0, 0.5, 2]);
    bits(new nn.Hardshrink({ lambd: 1 }).forward(x()), [-4, 0, 0, 7]);
    bits(new nn.Softshrink({ lambd: 1 }).forward(x()), [-3, 0, 0, 6]);
    bits(new nn.Threshold(0, -1).forward(x()), [-1, -1, 0.5, 7]);
    assert.is(`${new nn.CELU({ alpha: 2 })}`, "CELU(alpha=2)");
    assert.is(`${new nn.Threshold(0, -1)}`, "Threshold(threshold=0, value=-1)");
  });

  test("unknown options are refused by name", () => {
    assert.throws(
      () => new nn.Hardshrink({ lambda: 1 } as object),
      (error: Error) =>
        error instanceof OptionError &&
        error.message === 'Hardshrink: option "lambda" is not known; did you mean "lambd"?',
    );
    assert.throws(
      () => hardtanh(x(), { min: 1 } as object),
      (error: Error) => error instanceof OptionError && /^hardtanh: option "min" is not known/.test(error.message),
    );
  });

  test("compositions are what they say", () => {
    bits(relu6(x()), [0, 0, 0.5, 6]);
    bits(hardtanh(x()), [-1, -0.25, 0.5, 1]);
    bits(softmin(x(), 1), x().neg().softmax(1).data);
    bits(tanhshrink(x()), x().sub(x().tanh()).data);
    bits(new nn.Softmin().forward(x()), softmin(x(), 1).data);
  });

  test("PReLU starts at 0.25 and learns", () => {
    const layer = new nn.PReLU({ numParameters: 2 });
    bits(layer.weight, [0.25, 0.25]);
    assert.is(`${layer}`, "PReLU(numParameters=2)");
    const input = tensor([[-4, 2]]);
    const output = layer.forward(input);
    bits(output, [-1, 2]);
    output.sum().backward();
    bits(layer.weight.grad!, [-4, 0]);
    assert.equal(Object.keys(layer.stateDict()), ["weight"]);
    layer.dispose();
  });
});
