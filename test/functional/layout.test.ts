import * as assert from "uvu/assert";
import { ShapeError } from "../../src/errors.ts";
import { memory, narrow, select, stack, tensor, transpose, zeros } from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

function fails(body: () => unknown, message: string): void {
  assert.throws(body, (error: unknown) => error instanceof ShapeError && error.message === message);
}

suite("layout", (test) => {
  const x = () =>
    tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { requiresGrad: true },
    );

  test("transpose swaps two axes", () => {
    bits(transpose(x(), 0, -1), { shape: [3, 2], data: [1, 4, 2, 5, 3, 6] });
    bits([...transpose(zeros([2, 3, 4, 5]), 1, 3).shape], [2, 5, 4, 3]);
  });

  test("stack joins along a new axis", () => {
    const parts = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4])];
    bits(stack(parts), { shape: [2, 2], data: [1, 2, 3, 4] });
    const columns = stack(parts, -1);
    bits(columns, { shape: [2, 2], data: [1, 3, 2, 4] });
    columns.backward(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    bits(parts[0]!.grad!, { shape: [2], data: [1, 3] });
  });

  test("stack refuses an empty list and other shapes", () => {
    fails(() => stack([]), "stack: there are 0 tensors; give at least 1");
    fails(
      () => stack([zeros([2]), zeros([3])]),
      "stack: shapes differ (input0 [2], input1 [3]); make them equal, or use concat",
    );
  });

  test("select drops the axis, and gradients go where it took from", () => {
    const input = x();
    const last = select(input, 1, -1);
    bits(last, { shape: [2], data: [3, 6] });
    last.backward(tensor([10, 20]));
    bits(input.grad!, { shape: [2, 3], data: [0, 0, 10, 0, 0, 20] });
  });

  test("narrow keeps the axis", () => bits(narrow(x(), 1, -2, 2), { shape: [2, 2], data: [2, 3, 5, 6] }));

  test("select and narrow refuse places outside of the axis", () => {
    fails(
      () => select(x(), 0, 2),
      "select: places 2 to 2 are not all in axis 0 with 2 places (input [2, 3]); they go from 0 to 1",
    );
    fails(
      () => narrow(x(), 1, 2, 2),
      "narrow: places 2 to 3 are not all in axis 1 with 3 places (input [2, 3]); they go from 0 to 2",
    );
  });

  test("leave nothing behind but the result", () => {
    const input = zeros([4, 5]);
    const before = memory().liveBlocks;
    const kept = [stack([input, input]), select(input, 0, 1)];
    assert.is(memory().liveBlocks, before + 2);
    for (const one of kept) one.dispose();
    assert.is(memory().liveBlocks, before);
  });
});
