import * as assert from "uvu/assert";
import { ShapeError } from "../../src/errors.ts";
import { backward, logSumExp, std, sum, tensor, variance, zeros } from "../../src/index.ts";
import { bits, bound } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

const { NaN: nan, NEGATIVE_INFINITY: least, POSITIVE_INFINITY: infinity } = Number;

suite("statistics", (test) => {
  test("variance and std", () => {
    const x = tensor([[1, 2, 3, 6], [0, 0, 0, 0]], { requiresGrad: true }); // biome-ignore format: as on paper
    // Deviations −2, −1, 0, 3: squares 4 + 1 + 0 + 9 = 14.
    bound(variance(x, 1), { shape: [2], data: [14 / 3, 0] }, 1e-6);
    bound(variance(x, -1, { correction: 0, keepDim: true }), { shape: [2, 1], data: [3.5, 0] }, 0);
    bound(std(x, [1]), { shape: [2], data: [Math.sqrt(14 / 3), 0] }, 1e-6);
    bound(variance(x), [4.571428571428571], 1e-6);
    bits(variance(tensor([3])), [nan]);
    backward(sum(variance(x, 1)));
    // 2·(x − mean)/(n − 1).
    bound(x.grad!, { shape: [2, 4], data: [-4 / 3, -2 / 3, 0, 2, 0, 0, 0, 0] }, 1e-6);
  });

  test("logSumExp", () => {
    const x = tensor([[0, Math.log(2), 0], [1000, 1000, least]], { requiresGrad: true }); // biome-ignore format: as on paper
    const y = logSumExp(x, 1);
    bound(y, { shape: [2], data: [Math.log(4), 1000 + Math.LN2] }, 1e-4);
    backward(sum(y));
    bound(x.grad!, { shape: [2, 3], data: [0.25, 0.5, 0.25, 0.5, 0.5, 0] }, 1e-6);
    bits(logSumExp(tensor([infinity, 0, 0])), { shape: [], data: [infinity] });
    bits(logSumExp(tensor([least, least]), 0, { keepDim: true }), [least]);
    bits(logSumExp(tensor([nan, 0])), { shape: [], data: [nan] });
    assert.throws(
      () => logSumExp(zeros([0])),
      (error: unknown) => error instanceof ShapeError,
    );
  });
});
