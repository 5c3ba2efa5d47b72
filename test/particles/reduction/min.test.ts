import { ShapeError } from "../../../src/errors.ts";
import { min, minParticle, zeros } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { longReductions, reductionSamples } from "../../helpers/reductionSamples.ts";

const { NaN: nan, NEGATIVE_INFINITY: least, POSITIVE_INFINITY: infinity } = Number;
const one = { axes: 0, keepDim: false } as const;
const all = { axes: undefined, keepDim: false } as const;

particleTest(minParticle, {
  samples: reductionSamples({ minSize: 1 }),
  always: longReductions,
  large: [
    { inputs: { input: [300, 1001] }, attributes: { axes: 0, keepDim: false } },
    { inputs: { input: [300, 1001] }, attributes: { axes: 1, keepDim: false } },
    { inputs: { input: [300, 1001] }, attributes: { axes: undefined, keepDim: false } },
  ],
  accuracy: "exact",
  distinct: true,
  special: [
    {
      // The worked example of its page.
      inputs: { input: [[1, 5, 2], [7, 3, 7]] }, // biome-ignore format: as on paper
      attributes: { axes: 1, keepDim: false },
      output: [1, 3],
      grad: [1, 2],
      gradients: { input: [[1, 0, 0], [0, 2, 0]] }, // biome-ignore format: as on paper
    },
    {
      // Over several axes equal elements share the gradient, whether the axes lie together or not.
      inputs: { input: [3, 1, 3, 1] },
      attributes: all,
      output: 1,
      grad: 1,
      gradients: { input: [0, 0.5, 0, 0.5] },
    },
    {
      inputs: { input: [[[3, 1], [3, 1]], [[3, 1], [1, 3]]] }, // biome-ignore format: as on paper
      attributes: { axes: [0, 2], keepDim: false },
      output: [1, 1],
      grad: [1, 2],
      gradients: { input: [[[0, 0.5], [0, 1]], [[0, 0.5], [1, 0]]] }, // biome-ignore format: as on paper
    },
    { inputs: { input: [[nan, 1, nan], [2, nan, 0]] }, attributes: { axes: 1, keepDim: true }, output: [[nan], [nan]] }, // biome-ignore format: as on paper
    {
      inputs: { input: [1, nan, 2, nan] },
      attributes: one,
      output: nan,
      grad: 5,
      gradients: { input: [0, 5, 0, 0] },
    },
    {
      inputs: { input: [1, nan, 2, nan] },
      attributes: all,
      output: nan,
      grad: 6,
      gradients: { input: [0, 3, 0, 3] },
    },
    { inputs: { input: [-0, 0] }, attributes: all, output: -0 },
    { inputs: { input: [[0, -0], [-0, 0]] }, attributes: one, output: [-0, -0] }, // biome-ignore format: as on paper
    { inputs: { input: [infinity, least, 1e-45] }, attributes: all, output: least },
    { inputs: { input: [infinity, infinity, infinity, infinity, infinity] }, attributes: all, output: infinity },
    {
      inputs: { input: { shape: [0, 3], data: [] } },
      attributes: { axes: 1, keepDim: false },
      output: { shape: [0], data: [] },
    },
  ],
  errors: [
    [
      () => min(zeros([2, 3]), 2),
      ShapeError,
      "min: axis 2 is out of range for 2 dimensions; it must be a whole number from -2 to 1",
    ],
    [() => min(zeros([2, 3]), [0, -2]), ShapeError, "min: axes [0, -2] name an axis twice; give each once"],
    [
      () => min(zeros([2, 0]), 1),
      ShapeError,
      "min: there is no min of 0 elements (input [2, 0]); leave empty tensors out, or reduce another axis",
    ],
    [
      () => min(zeros([0])),
      ShapeError,
      "min: there is no min of 0 elements (input [0]); leave empty tensors out, or reduce another axis",
    ],
  ],
});
