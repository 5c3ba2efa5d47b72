import * as assert from "uvu/assert";
import { ShapeError } from "../../src/errors.ts";
import { adaptiveAvgPool2d, backward, globalAvgPool2d, sum, tensor, zeros } from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

function fails(body: () => unknown, message: string): void {
  assert.throws(body, (error: unknown) => error instanceof ShapeError && error.message === message);
}

suite("pooling", (test) => {
  test("globalAvgPool2d is the mean of each plane", () => {
    const x = tensor([[[[1, 2], [3, 6]], [[0, 0], [0, 4]]]], { requiresGrad: true }); // biome-ignore format: as on paper
    const y = globalAvgPool2d(x);
    bits(y, { shape: [1, 2, 1, 1], data: [3, 1] });
    backward(sum(y));
    bits(x.grad!, { shape: [1, 2, 2, 2], data: new Array(8).fill(0.25) });
    bits(adaptiveAvgPool2d(x, 1), { shape: [1, 2, 1, 1], data: [3, 1] });
  });

  test("adaptiveAvgPool2d cuts planes into equal windows", () => {
    const x = tensor([[[[1, 3, 5, 7], [3, 5, 7, 9]]]]); // biome-ignore format: as on paper
    bits(adaptiveAvgPool2d(x, [1, 2]), { shape: [1, 1, 1, 2], data: [3, 7] });
    bits(adaptiveAvgPool2d(x, [2, 4]), x);
  });

  test("errors", () => {
    fails(
      () => adaptiveAvgPool2d(zeros([1, 2, 5, 6]), 2),
      "adaptiveAvgPool2d: 5×6 cannot be cut into 2×2 equal windows (input [1, 2, 5, 6]); choose sizes that divide those of the input, or use avgPool2d",
    );
    fails(
      () => globalAvgPool2d(zeros([3, 4])),
      "globalAvgPool2d: input must have 4 dimensions (N, C, H, W), got 2 (input [3, 4])",
    );
  });
});
