import * as assert from "uvu/assert";
import { empty } from "../../src/core/creation.ts";
import { manualSeed } from "../../src/core/generator.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { QuarkError, ShapeError } from "../../src/errors.ts";
import * as init from "../../src/nn/init.ts";
import { golden } from "../golden/random.ts";
import { bits, bound } from "../helpers/compare.ts";
import { sha256 } from "../helpers/sha256.ts";
import { suite } from "../helpers/suite.ts";

suite("init against PyTorch", (test) => {
  for (const { seed, init: expected } of golden.draws) {
    test(`seed ${seed}`, () => {
      const seeded = (fill: () => Tensor): Tensor => {
        manualSeed(BigInt(seed));
        return fill();
      };
      const hash = (fill: () => Tensor): string => sha256(seeded(fill).data);
      assert.is(
        hash(() => init.kaimingUniform(empty([16, 3, 5, 5]), { a: Math.sqrt(5) })),
        expected.kaimingUniform,
      );
      assert.is(
        hash(() => init.kaimingUniform(empty([16, 3, 5, 5]), { mode: "fanOut", nonlinearity: "relu" })),
        expected.kaimingUniformFanOut,
      );
      assert.is(
        hash(() => init.xavierUniform(empty([30, 20]), { gain: init.calculateGain("tanh") })),
        expected.xavierUniform,
      );
      const normal = seeded(() => init.kaimingNormal(empty([4, 9]), { nonlinearity: "relu" }));
      bound(normal.data, expected.kaimingNormal, 1e-6);
      bound(seeded(() => init.xavierNormal(empty([4, 9]))).data, expected.xavierNormal, 1e-6);

      for (const [weightShape, bias, hashes] of [
        [[6, 2, 3, 3], 6, expected.conv2d],
        [[30, 50], 30, expected.linear],
      ] as const) {
        const parameters = [empty(weightShape), empty([bias])] as const;
        manualSeed(BigInt(seed));
        init.resetParameters(...parameters);
        assert.equal(
          parameters.map(({ data }) => sha256(data)),
          hashes,
        );
      }
    });
  }
});

suite("init", (test) => {
  test("gains", () => {
    bits(
      (["linear", "conv2d", "sigmoid", "tanh", "relu", "leakyRelu", "selu"] as const).map((name) =>
        init.calculateGain(name),
      ),
      [1, 1, 1, 1.6666666666666667, Math.SQRT2, 1.4141428569978354, 0.75],
    );
    assert.is(init.calculateGain("leakyRelu", 0.2), 1.3867504905630728);
  });

  test("constants", () => {
    const input = empty([3]);
    bits(init.constant(input, 0.5).data, [0.5, 0.5, 0.5]);
    bits(init.ones(input).data, [1, 1, 1]);
    bits(init.zeros(input).data, [0, 0, 0]);
    assert.is(input.storage.version, 3);
  });

  test("an empty weight stays empty, and its bias is left alone", () => {
    assert.is(init.kaimingUniform(empty([3, 0])).size, 0);
    const bias = init.ones(empty([3]));
    init.resetParameters(empty([3, 0]), bias);
    bits(bias.data, [1, 1, 1]);
  });

  test("what has no fans is refused", () => {
    assert.throws(
      () => init.kaimingUniform(empty([3])),
      (error: Error) =>
        error instanceof ShapeError &&
        error.message ===
          "kaimingUniform: at least 2 dimensions are needed to count inputs and outputs, got 1 (input [3])",
    );
    assert.throws(
      () => init.calculateGain("swish" as "relu"),
      (error: Error) =>
        error instanceof QuarkError &&
        error.message ===
          'calculateGain: nonlinearity "swish" is not known; use linear, conv2d, sigmoid, tanh, relu, selu or leakyRelu',
    );
  });
});
