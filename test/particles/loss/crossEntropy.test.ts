import fc from "fast-check";
import { DtypeError, GraphError, OptionError, QuarkError, ShapeError } from "../../../src/errors.ts";
import { crossEntropy, crossEntropyParticle, ones, tensor, zeros } from "../../../src/index.ts";
import type { Reduction } from "../../../src/particles/loss/how/losses.ts";
import { labelSamples } from "../../helpers/labelSamples.ts";
import { particleTest } from "../../helpers/particleTest.ts";

const { NaN: nan, NEGATIVE_INFINITY: least, POSITIVE_INFINITY: infinity } = Number;
const most = 3.4028234663852886e38;
const plain = { ignoreIndex: undefined, labelSmoothing: 0, reduction: "mean" } as const;

const labels = (...numbers: number[]) => tensor(numbers, { dtype: "int32" });
/** One sample of three classes with label 1, and what its loss and gradient are. */
const one = (logits: number[], loss: number, gradient: number[]) => ({
  inputs: { input: [logits], target: [1] },
  attributes: plain,
  output: loss,
  grad: 1,
  gradients: { input: [gradient] },
});

particleTest(crossEntropyParticle, {
  samples: fc
    .tuple(labelSamples, fc.constantFrom(0, 0, 0.1, 0.5, 1))
    .map(([{ inputs, attributes }, labelSmoothing]) => ({ inputs, attributes: { ...attributes, labelSmoothing } })),
  large: ["mean" as const, "none" as const].map((reduction) => ({
    inputs: {
      input: [5000, 31],
      target: { shape: [5000], data: Array.from({ length: 5000 }, (_, sample) => sample % 31), dtype: "int32" },
    },
    attributes: { labelSmoothing: 0.1, reduction },
  })),
  accuracy: { relative: 3e-6, absolute: 3e-6 },
  gradient: { relative: 1e-5, absolute: 3e-6 },
  range: [-4, 4],
  constants: ["weight"],
  plantIn: [],
  special: [
    // The worked example of its page.
    one([0, Math.log(2), 0], Math.LN2, [0.25, -0.5, 0.25]),
    one([1000, 0, 0], 1000, [1, -1, 0]),
    one([most, -most, 0], infinity, [1, -1, 0]),
    one([0, least, 0], infinity, [0.5, -1, 0.5]),
    one([0, infinity, 0], nan, [nan, nan, nan]),
    one([infinity, 0, 0], nan, [nan, nan, nan]),
    one([nan, 0, 0], nan, [nan, nan, nan]),
    one([least, 1000, least], 0, [0, 0, 0]),
    ...(["mean", "sum", "none"] as const).map((reduction: Reduction) => ({
      inputs: { input: { shape: [0, 3], data: [] }, target: { shape: [0], data: [] } },
      attributes: { ...plain, reduction },
      output: reduction === "none" ? { shape: [0], data: [] } : reduction === "mean" ? nan : 0,
    })),
    {
      // No sample counts.
      inputs: { input: [[1, 2]], target: [7] },
      attributes: { ...plain, ignoreIndex: 7 },
      output: nan,
      grad: 1,
      gradients: { input: [[0, 0]] },
    },
    {
      // What is ignored has no say, be it NaN.
      inputs: { input: [[nan, 2], [0, 0]], target: [1, 0] }, // biome-ignore format: as on paper
      attributes: { ...plain, ignoreIndex: 1 },
      output: Math.LN2,
      grad: 1,
      gradients: { input: [[0, 0], [-0.5, 0.5]] }, // biome-ignore format: as on paper
    },
  ],
  errors: [
    [
      () => crossEntropy(zeros([3]), labels(0)),
      ShapeError,
      "crossEntropy: input must have samples and at least 1 class (N, C, …), got [3]; reshape it, or add an axis with unsqueeze",
    ],
    [
      () => crossEntropy(zeros([3, 0]), labels(0, 0, 0)),
      ShapeError,
      "crossEntropy: input must have samples and at least 1 class (N, C, …), got [3, 0]; reshape it, or add an axis with unsqueeze",
    ],
    [
      () => crossEntropy(zeros([196, 10]), zeros([64], { dtype: "int32" })),
      ShapeError,
      "crossEntropy: target must hold one label for each of the 196 samples, [196], got [64] (input [196, 10], target [64])",
    ],
    [
      () => crossEntropy(zeros([2, 3]), labels(0, 1), { weight: ones([2]) }),
      ShapeError,
      "crossEntropy: weight must have one number for each of the 3 classes, got [2] (input [2, 3], weight [2])",
    ],
    [
      () => crossEntropy(zeros([2, 10]), labels(3, 10)),
      ShapeError,
      "crossEntropy: label 10 at element 1 of the target is none of the 10 classes (target [2]); labels go from 0 to 9, pass ignoreIndex to leave samples out",
    ],
    [
      () => crossEntropy(zeros([2, 10]), labels(-1, 0), { ignoreIndex: -100 }),
      ShapeError,
      "crossEntropy: label -1 at element 0 of the target is none of the 10 classes (target [2]); labels go from 0 to 9, only -100 is ignored",
    ],
    [
      () => crossEntropy(zeros([2, 3]), zeros([2])),
      DtypeError,
      'crossEntropy: target must be int32, got float32 (target [2]); convert it with to("int32")',
    ],
    [
      () => crossEntropy(zeros([2, 3]), labels(0, 1), { labelSmoothing: 1.5 }),
      QuarkError,
      "crossEntropy: labelSmoothing must lie between 0 and 1, got 1.5",
    ],
    [
      () => crossEntropy(zeros([2, 3]), labels(0, 1), { reduction: "total" as Reduction }),
      OptionError,
      'crossEntropy: reduction must be "mean", "sum" or "none", got "total"',
    ],
    [
      () => crossEntropy(zeros([2, 3]), labels(0, 1), { weight: ones([3], { requiresGrad: true }) }),
      GraphError,
      "crossEntropy: there is no gradient for weight, but it requires one; pass weight.detach()",
    ],
  ],
});
