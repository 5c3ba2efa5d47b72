import { sizeOf } from "../../../src/core/shape.ts";
import { ShapeError } from "../../../src/errors.ts";
import { mean, meanParticle, zeros } from "../../../src/index.ts";
import { reducedCount } from "../../../src/particles/reduction/how/reduction.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { longReductions, reductionSamples } from "../../helpers/reductionSamples.ts";

const { NaN: nan } = Number;

particleTest(meanParticle, {
  samples: reductionSamples({ minSize: 1 }),
  always: longReductions,
  large: [
    { inputs: { input: [300, 1001] }, attributes: { axes: 0, keepDim: false } },
    { inputs: { input: [300, 1001] }, attributes: { axes: 1, keepDim: false } },
    { inputs: { input: [300, 1001] }, attributes: { axes: undefined, keepDim: false } },
  ],
  accuracy: "sums",
  terms: ({ input }, { axes }) => Math.min(reducedCount(input, axes), sizeOf(input)),
  special: [
    {
      // The worked example of its page.
      inputs: { input: [[1, 2, 3], [4, 5, 9]] }, // biome-ignore format: as on paper
      attributes: { axes: 1, keepDim: false },
      output: [2, 6],
      grad: [3, 6],
      gradients: { input: [[1, 1, 1], [2, 2, 2]] }, // biome-ignore format: as on paper
    },
    { inputs: { input: { shape: [0], data: [] } }, attributes: { axes: undefined, keepDim: false }, output: nan },
    {
      inputs: { input: { shape: [2, 0], data: [] } },
      attributes: { axes: 1, keepDim: true },
      output: [[nan], [nan]],
    },
    {
      inputs: { input: { shape: [0, 2], data: [] } },
      attributes: { axes: 1, keepDim: false },
      output: { shape: [0], data: [] },
    },
  ],
  errors: [
    [
      () => mean(zeros([2, 3]), -3),
      ShapeError,
      "mean: axis -3 is out of range for 2 dimensions; it must be a whole number from -2 to 1",
    ],
    [() => mean(zeros([2, 3]), [1, 1]), ShapeError, "mean: axes [1, 1] name an axis twice; give each once"],
  ],
});
