import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { argmax, argmaxParticle, zeros } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, NEGATIVE_INFINITY: least, POSITIVE_INFINITY: infinity } = Number;
const flat = { axis: undefined, keepDim: false } as const;

particleTest(argmaxParticle, {
  samples: anyShape({ minSize: 1 }).chain((input) => {
    const rank = Math.max(input.length, 1);
    const axes = fc.oneof(fc.constant(undefined), fc.integer({ min: -rank, max: rank - 1 }));
    return fc
      .tuple(axes, fc.boolean())
      .map(([axis, keepDim]) => ({ inputs: { input }, attributes: { axis, keepDim } }));
  }),
  always: [
    ...lengths.map((length) => ({ inputs: { input: [3, length] }, attributes: { axis: 1, keepDim: false } })),
    ...lengths.map((length) => ({ inputs: { input: [3, length] }, attributes: { axis: 0, keepDim: true } })),
  ],
  large: [
    { inputs: { input: [300, 1001] }, attributes: { axis: 0, keepDim: false } },
    { inputs: { input: [300, 1001] }, attributes: { axis: 1, keepDim: false } },
    { inputs: { input: [300, 1001] }, attributes: { axis: undefined, keepDim: false } },
  ],
  accuracy: "exact",
  special: [
    {
      // The worked example of its page.
      inputs: { input: [[1, 5, 2], [7, 3, 7]] }, // biome-ignore format: as on paper
      attributes: { axis: 1, keepDim: false },
      output: [1, 0],
    },
    { inputs: { input: [[1, 5, 2], [7, 3, 7]] }, attributes: flat, output: 3 }, // biome-ignore format: as on paper
    { inputs: { input: [1, 2, nan, infinity, least, nan, 0] }, attributes: flat, output: 2 },
    { inputs: { input: [1, 2, 1, infinity, least, nan, nan] }, attributes: flat, output: 5 },
    {
      inputs: { input: [[1, nan], [nan, 2], [nan, nan]] }, // biome-ignore format: as on paper
      attributes: { axis: 0, keepDim: true },
      output: [[1, 0]],
    },
    { inputs: { input: [-0, 0, -0] }, attributes: flat, output: 0 },
    { inputs: { input: [least, least, least, least, least, least] }, attributes: flat, output: 0 },
    { inputs: { input: [least, least, least, least, least, 0, 0] }, attributes: flat, output: 5 },
    {
      inputs: { input: { shape: [0, 3], data: [] } },
      attributes: { axis: 1, keepDim: false },
      output: { shape: [0], data: [] },
    },
  ],
  errors: [
    [
      () => argmax(zeros([2, 3]), 2),
      ShapeError,
      "argmax: axis 2 is out of range for 2 dimensions; it must be a whole number from -2 to 1",
    ],
    [
      () => argmax(zeros([2, 0]), 1),
      ShapeError,
      "argmax: there is no argmax of 0 elements (input [2, 0]); leave empty tensors out, or reduce another axis",
    ],
    [
      () => argmax(zeros([0])),
      ShapeError,
      "argmax: there is no argmax of 0 elements (input [0]); leave empty tensors out, or reduce another axis",
    ],
  ],
});
