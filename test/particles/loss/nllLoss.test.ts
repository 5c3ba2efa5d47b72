import { DtypeError, GraphError, ShapeError } from "../../../src/errors.ts";
import { nllLoss, nllLossParticle, ones, tensor, zeros } from "../../../src/index.ts";
import { labelSamples } from "../../helpers/labelSamples.ts";
import { particleTest } from "../../helpers/particleTest.ts";

const { NaN: nan, NEGATIVE_INFINITY: least, POSITIVE_INFINITY: infinity } = Number;
const labels = (...numbers: number[]) => tensor(numbers, { dtype: "int32" });

particleTest(nllLossParticle, {
  samples: labelSamples,
  large: ["mean" as const, "none" as const].map((reduction) => ({
    inputs: {
      input: [5000, 31],
      target: { shape: [5000], data: Array.from({ length: 5000 }, (_, sample) => sample % 31), dtype: "int32" },
    },
    attributes: { reduction },
  })),
  accuracy: { relative: 2e-6, absolute: 2e-6 },
  gradient: { relative: 1e-5, absolute: 1e-6 },
  range: [-4, 0],
  constants: ["weight"],
  plantIn: [],
  special: [
    {
      // The worked example of its page.
      inputs: { input: [[-1, -2, -3], [-4, -0.5, -2]], target: [2, 1] }, // biome-ignore format: as on paper
      attributes: { reduction: "mean" },
      output: 1.75,
      grad: 2,
      gradients: { input: [[0, 0, -1], [0, -1, 0]] }, // biome-ignore format: as on paper
    },
    {
      inputs: { input: [[least, nan], [0, nan]], target: [0, 0] }, // biome-ignore format: as on paper
      attributes: { reduction: "none" },
      output: [infinity, 0],
      grad: [1, 2],
      gradients: { input: [[-1, 0], [-2, 0]] }, // biome-ignore format: as on paper
    },
    {
      inputs: { input: [[-1, nan]], target: [1] },
      attributes: { reduction: "sum", ignoreIndex: 1 },
      output: 0,
      grad: 1,
      gradients: { input: [[0, 0]] },
    },
    {
      inputs: { input: { shape: [0, 3], data: [] }, target: { shape: [0], data: [] } },
      attributes: { reduction: "mean" },
      output: nan,
    },
  ],
  errors: [
    [
      () => nllLoss(zeros([3]), labels(0)),
      ShapeError,
      "nllLoss: input must have samples and at least 1 class (N, C, …), got [3]; reshape it, or add an axis with unsqueeze",
    ],
    [
      () => nllLoss(zeros([4, 10, 2]), zeros([4], { dtype: "int32" })),
      ShapeError,
      "nllLoss: target must hold one label for each of the 8 samples, [4, 2], got [4] (input [4, 10, 2], target [4])",
    ],
    [
      () => nllLoss(zeros([2, 10]), labels(3, 10)),
      ShapeError,
      "nllLoss: label 10 at element 1 of the target is none of the 10 classes (target [2]); labels go from 0 to 9, pass ignoreIndex to leave samples out",
    ],
    [
      () => nllLoss(zeros([2, 3]), zeros([2])),
      DtypeError,
      'nllLoss: target must be int32, got float32 (target [2]); convert it with to("int32")',
    ],
    [
      () => nllLoss(zeros([2, 3]), labels(0, 1), { weight: ones([3], { requiresGrad: true }) }),
      GraphError,
      "nllLoss: there is no gradient for weight, but it requires one; pass weight.detach()",
    ],
  ],
});
