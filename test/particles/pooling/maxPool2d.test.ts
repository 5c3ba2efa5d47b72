import * as assert from "uvu/assert";
import { ShapeError } from "../../../src/errors.ts";
import { maxPool2d, maxPool2dParticle, ones, sum, zeros } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { poolSamples } from "../../helpers/poolSamples.ts";

const { NaN: nan, NEGATIVE_INFINITY: least, POSITIVE_INFINITY: infinity } = Number;
const halving = { kernelSize: 2, stride: 2, padding: 0, dilation: 1, ceilMode: false } as const;

/** Rows of one plane as a batch. */
const plane = (...rows: number[][]) => [[rows]];
const wide = (...numbers: number[]) => [...numbers, 0, 0, 0, 0, 0, 0];

particleTest(
  maxPool2dParticle,
  {
    samples: poolSamples(true),
    always: [
      // More taps than a byte can tell apart.
      { inputs: { input: [1, 2, 20, 20] }, attributes: { ...halving, kernelSize: [17, 16], stride: 1 } },
      { inputs: { input: [1, 2, 20, 40] }, attributes: { ...halving, kernelSize: 17, stride: [3, 2], padding: 8 } },
      { inputs: { input: [2, 3, 7, 7] }, attributes: { ...halving, ceilMode: true } },
    ],
    large: [
      {
        inputs: { input: [8, 16, 56, 56] },
        attributes: { kernelSize: 2, stride: 2, padding: 0, dilation: 1, ceilMode: false },
      },
      {
        inputs: { input: [8, 16, 56, 56] },
        attributes: { kernelSize: 3, stride: 2, padding: 1, dilation: 1, ceilMode: false },
      },
    ],
    accuracy: "exact",
    distinct: true,
    batch: ["input"],
    special: [
      {
        // The worked example of its page.
        inputs: { input: plane([1, 3, 2, 1], [4, 2, 0, 5], [6, 6, 1, 2], [6, 0, 3, 3]) },
        attributes: halving,
        output: plane([4, 5], [6, 3]),
        grad: plane([1, 2], [3, 4]),
        gradients: { input: plane([0, 0, 0, 0], [1, 0, 0, 2], [3, 0, 0, 0], [0, 0, 4, 0]) },
      },
      {
        // NaN is the maximum, and the last one gets the gradient; in the vectors and outside of them.
        inputs: { input: plane(wide(nan, 1, 1, nan), wide(2, nan, 1, 1)) },
        attributes: halving,
        output: plane([nan, nan, 0, 0, 0]),
        grad: plane([1, 2, 3, 4, 5]),
        gradients: { input: plane([0, 0, 0, 2, 3, 0, 4, 0, 5, 0], [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]) },
      },
      {
        inputs: { input: plane([nan, 1], [nan, 5]) },
        attributes: halving,
        output: plane([nan]),
        grad: plane([1]),
        gradients: { input: plane([0, 0], [1, 0]) },
      },
      {
        // Infinities of both signs make the sum of a window NaN, but not its maximum.
        inputs: { input: plane(wide(least, infinity, 1, 2), wide(least, least, 3, 4)) },
        attributes: halving,
        output: plane([infinity, 4, 0, 0, 0]),
        grad: plane([1, 2, 0, 0, 0]),
        gradients: { input: plane([0, 1, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 2, 0, 0, 0, 0, 0, 0]) },
      },
      {
        // Nothing but −∞: the first place inside the input, not the padding.
        inputs: { input: plane([least, least], [least, least]) },
        attributes: { ...halving, kernelSize: 3, padding: 1 },
        output: plane([least]),
        grad: plane([7]),
        gradients: { input: plane([7, 0], [0, 0]) },
      },
      {
        // Windows that overlap: the gradients of a place that wins twice add up.
        inputs: { input: plane([1, 5, 2]) },
        attributes: { ...halving, kernelSize: [1, 2], stride: 1 },
        output: plane([5, 5]),
        grad: plane([1, 2]),
        gradients: { input: plane([0, 3, 0]) },
      },
      {
        // A last window in the padding behind the input is left out even under ceilMode.
        inputs: { input: plane([1, 2, 3, 4]) },
        attributes: { ...halving, kernelSize: [1, 2], stride: [1, 3], padding: [0, 1], ceilMode: true },
        output: plane([1, 4]),
      },
    ],
    errors: [
      [
        () => maxPool2d(zeros([3, 4]), 2),
        ShapeError,
        "maxPool2d: input must have 4 dimensions (N, C, H, W), got 2 (input [3, 4])",
      ],
      [
        () => maxPool2d(zeros([1, 8, 2, 2]), 3),
        ShapeError,
        "maxPool2d: window 3×3 does not fit input 2×2 with padding 0 (input [1, 8, 2, 2]); use a smaller kernelSize or more padding",
      ],
      [
        () => maxPool2d(zeros([1, 8, 4, 4]), 3, { dilation: [2, 3], padding: [0, 1] }),
        ShapeError,
        "maxPool2d: window 3×3, dilated to 5×7, does not fit input 4×4 with padding 0, 1 (input [1, 8, 4, 4]); use a smaller kernelSize or more padding",
      ],
      [
        () => maxPool2d(zeros([1, 8, 0, 4]), 1),
        ShapeError,
        "maxPool2d: window 1×1 does not fit input 0×4 with padding 0 (input [1, 8, 0, 4]); use a smaller kernelSize or more padding",
      ],
      [
        () => maxPool2d(zeros([1, 8, 4, 4]), 3, { padding: 2 }),
        ShapeError,
        "maxPool2d: padding 2 is more than half of the window 3×3 (input [1, 8, 4, 4]); a window must not lie in the padding alone",
      ],
      [
        () => maxPool2d(zeros([1, 8, 4, 4]), 2, { stride: 0 }),
        ShapeError,
        "maxPool2d: stride must be a whole number of at least 1, or two of them (height, width), got 0, 0",
      ],
      [
        () => maxPool2d(zeros([1, 8, 4, 4]), [2, 1.5]),
        ShapeError,
        "maxPool2d: kernelSize must be a whole number of at least 1, or two of them (height, width), got 2, 1.5",
      ],
      [
        () => maxPool2d(zeros([1, 8, 4, 4]), 2, { padding: -1 }),
        ShapeError,
        "maxPool2d: padding must be a whole number of at least 0, or two of them (height, width), got -1, -1",
      ],
      [
        () => maxPool2d(zeros([1, 8, 4, 4]), 2, { dilation: [1, 0] }),
        ShapeError,
        "maxPool2d: dilation must be a whole number of at least 1, or two of them (height, width), got 1, 0",
      ],
    ],
  },
  (test) => {
    test("options may be changed afterwards", () => {
      const input = ones([1, 1, 8, 8]);
      input.requiresGrad = true;
      const kernelSize: [number, number] = [2, 2];
      const before = maxPool2d(input, kernelSize);
      kernelSize.fill(4);
      assert.equal(maxPool2d(input, kernelSize).shape, [1, 1, 2, 2]);
      sum(before).backward();
      assert.is(input.grad!.data.filter((each) => each === 1).length, 16);
    });
  },
);
