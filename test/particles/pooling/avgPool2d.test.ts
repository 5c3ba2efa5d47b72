import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { avgPool2d, avgPool2dParticle, zeros } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { poolSamples } from "../../helpers/poolSamples.ts";

const { NaN: nan, NEGATIVE_INFINITY: least, POSITIVE_INFINITY: infinity } = Number;
const halving = { kernelSize: 2, stride: 2, padding: 0, ceilMode: false, countIncludePad: true } as const;

/** Rows of one plane as a batch. */
const plane = (...rows: number[][]) => [[rows]];

particleTest(avgPool2dParticle, {
  samples: fc.tuple(poolSamples(false), fc.boolean()).map(([{ inputs, attributes }, countIncludePad]) => ({
    inputs,
    attributes: { ...attributes, countIncludePad },
  })),
  large: [
    {
      inputs: { input: [8, 16, 56, 56] },
      attributes: { kernelSize: 2, stride: 2, padding: 0, dilation: 1, ceilMode: false, countIncludePad: true },
    },
    {
      inputs: { input: [8, 16, 56, 56] },
      attributes: { kernelSize: 3, stride: 2, padding: 1, dilation: 1, ceilMode: false, countIncludePad: false },
    },
  ],
  accuracy: "sums",
  terms: (_, { kernelSize }) =>
    typeof kernelSize === "number" ? kernelSize * kernelSize : kernelSize[0] * kernelSize[1],
  exactIntegers: false,
  batch: ["input"],
  special: [
    {
      // The worked example of its page.
      inputs: { input: plane([1, 3, 2, 1], [4, 2, 0, 5], [6, 6, 1, 2], [6, 0, 3, 3]) },
      attributes: halving,
      output: plane([2.5, 2], [4.5, 2.25]),
      grad: plane([4, 8], [12, 16]),
      gradients: { input: plane([1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]) },
    },
    {
      inputs: { input: plane([1, 2, 3]) },
      attributes: { ...halving, kernelSize: [1, 2], stride: [1, 2], padding: [0, 1] },
      output: plane([0.5, 2.5]),
      grad: plane([2, 4]),
      gradients: { input: plane([1, 2, 2]) },
    },
    {
      inputs: { input: plane([1, 2, 3]) },
      attributes: { ...halving, kernelSize: [1, 2], stride: [1, 2], padding: [0, 1], countIncludePad: false },
      output: plane([1, 2.5]),
      grad: plane([2, 4]),
      gradients: { input: plane([2, 2, 2]) },
    },
    {
      // A window that is cut off: what lies behind the padding does not count.
      inputs: { input: plane([1, 2, 3]) },
      attributes: { ...halving, kernelSize: [1, 2], stride: [1, 2], ceilMode: true },
      output: plane([1.5, 3]),
    },
    {
      inputs: { input: plane([infinity, least, nan, 1, infinity, 1]) },
      attributes: { ...halving, kernelSize: [1, 2], stride: [1, 2] },
      output: plane([nan, nan, infinity]),
    },
  ],
  errors: [
    [
      () => avgPool2d(zeros([3, 4]), 2),
      ShapeError,
      "avgPool2d: input must have 4 dimensions (N, C, H, W), got 2 (input [3, 4])",
    ],
    [
      () => avgPool2d(zeros([1, 8, 2, 2]), 3),
      ShapeError,
      "avgPool2d: window 3×3 does not fit input 2×2 with padding 0 (input [1, 8, 2, 2]); use a smaller kernelSize or more padding",
    ],
    [
      () => avgPool2d(zeros([1, 8, 4, 4]), 3, { padding: 2 }),
      ShapeError,
      "avgPool2d: padding 2 is more than half of the window 3×3 (input [1, 8, 4, 4]); a window must not lie in the padding alone",
    ],
    [
      () => avgPool2d(zeros([1, 8, 4, 4]), 2, { stride: 0 }),
      ShapeError,
      "avgPool2d: stride must be a whole number of at least 1, or two of them (height, width), got 0, 0",
    ],
  ],
});
