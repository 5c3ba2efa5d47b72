import * as assert from "uvu/assert";
import { empty } from "../../src/core/creation.ts";
import { Generator, manualSeed } from "../../src/core/generator.ts";
import { fillNormal, fillUniform, rand, randint, randn, randperm } from "../../src/core/random.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { DtypeError, QuarkError } from "../../src/errors.ts";
import { golden } from "../golden/random.ts";
import { bound, ulp } from "../helpers/compare.ts";
import { sha256 } from "../helpers/sha256.ts";
import { suite } from "../helpers/suite.ts";

function refuses(kind: typeof QuarkError, message: string, body: () => void): void {
  assert.throws(body, (error: Error) => error instanceof kind && error.message === message);
}

suite("random tensors against PyTorch", (test) => {
  for (const expected of golden.draws) {
    const seeded = (draw: () => Tensor): string => {
      manualSeed(BigInt(expected.seed));
      return sha256(draw().data);
    };
    test(`seed ${expected.seed}: uniform, whole and permuted numbers bit for bit`, () => {
      assert.is(
        seeded(() => rand([5000])),
        expected.rand,
      );
      assert.is(
        seeded(() => fillUniform(empty([5000]), -0.3, 0.3)),
        expected.uniform.symmetric,
      );
      assert.is(
        seeded(() => fillUniform(empty([50000]), -0.001, 7.3)),
        expected.uniform.skew,
      );
      assert.is(
        seeded(() => fillUniform(empty([50000]), 1e-9, 3e-4)),
        expected.uniform.narrow,
      );
      assert.is(
        seeded(() => randint(-5, 1000, [5000])),
        expected.randint,
      );
      assert.is(
        seeded(() => randperm(60000)),
        expected.randperm,
      );
    });
    test(`seed ${expected.seed}: normal numbers`, () => {
      manualSeed(BigInt(expected.seed));
      for (const numbers of expected.randn) {
        const drawn = randn([numbers.length]);
        if (numbers.length < 16) ulp(drawn, numbers, 1);
        else bound(drawn, numbers, 1e-6);
      }
      manualSeed(BigInt(expected.seed));
      bound(fillNormal(empty([50]), 1.5, 0.3), expected.normal, 1e-6);
    });
  }
});

suite("random tensors", (test) => {
  test("normal numbers have the moments of the distribution", () => {
    const { data } = randn([100, 1000], { generator: new Generator(0) });
    let sum = 0;
    let squares = 0;
    let fourths = 0;
    for (const value of data) {
      sum += value;
      squares += value ** 2;
      fourths += value ** 4;
    }
    assert.ok(Math.abs(sum / data.length) < 0.01);
    assert.ok(Math.abs(squares / data.length - 1) < 0.02);
    assert.ok(Math.abs(fourths / data.length - 3) < 0.1);
  });

  test("a normal fill writes every element and nothing beside it", () => {
    for (let size = 0; size <= 50; size++) {
      const { data } = fillNormal(empty([size]), 0, 1, new Generator(size));
      assert.ok(data.every((value) => Number.isFinite(value)));
    }
  });

  test("shapes, dtypes and requiresGrad", () => {
    assert.equal(rand([2, 3], { requiresGrad: true }).requiresGrad, true);
    assert.equal(randn([]).shape, []);
    assert.equal(randint(10, [4]).dtype, "int32");
    assert.ok(randint(10, [100]).data.every((value) => value >= 0 && value < 10));
    assert.equal(randint(3, 256, [2, 2], { dtype: "uint8" }).dtype, "uint8");
    assert.equal([...randperm(7).data].sort(), [0, 1, 2, 3, 4, 5, 6]);
    assert.equal(randperm(0).shape, [0]);
  });

  test("filling raises the version of the block", () => {
    const input = empty([20]);
    fillUniform(input);
    fillNormal(input);
    assert.is(input.storage.version, 2);
  });

  test("a range of one number, and one at the edge of float32", () => {
    assert.ok(fillUniform(empty([5]), 2, 2).data.every((value) => value === 2));
    assert.ok(fillUniform(empty([5]), 0, 1e-45).data.every((value) => value === 0 || value === 2 ** -149));
  });

  test("what does not fit is refused", () => {
    refuses(QuarkError, "uniform: low 1 must not be above high 0, and both must be finite", () =>
      fillUniform(empty([1]), 1, 0),
    );
    refuses(QuarkError, "uniform: low -Infinity must not be above high 0, and both must be finite", () =>
      fillUniform(empty([1]), Number.NEGATIVE_INFINITY, 0),
    );
    refuses(DtypeError, "uniform: the tensor must be float32, got int32", () =>
      fillUniform(empty([1], { dtype: "int32" })),
    );
    refuses(DtypeError, "normal: the tensor must be float32, got uint8", () =>
      fillNormal(empty([1], { dtype: "uint8" })),
    );
    refuses(QuarkError, "normal: the deviation must not be negative, got -1", () => fillNormal(empty([1]), 0, -1));
    refuses(QuarkError, "randint: low 5 and high 5 must be whole numbers with low < high", () => randint(5, 5, [2]));
    refuses(QuarkError, "randint: low 0 and high 1.5 must be whole numbers with low < high", () => randint(1.5, [2]));
    refuses(QuarkError, "randint: 0 to 256 do not fit uint8, which takes 0 to 255", () =>
      randint(257, [2], { dtype: "uint8" }),
    );
  });
});
