import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { permute, permuteParticle, zeros } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

particleTest(permuteParticle, {
  samples: anyShape({ maxRank: 6 }).chain((input) =>
    fc
      .shuffledSubarray(
        input.map((_, axis) => axis),
        { minLength: input.length },
      )
      .chain((axes) => fc.tuple(fc.constant(axes), fc.boolean()))
      .map(([axes, fromEnd]) => ({
        inputs: { input },
        attributes: { axes: fromEnd ? axes.map((axis) => axis - input.length) : axes },
      })),
  ),
  always: [
    // Every remainder of the 4 × 4 tiles and of the strips of 16.
    ...lengths.map((length) => ({ inputs: { input: [length, 21 - (length % 19)] }, attributes: { axes: [1, 0] } })),
    { inputs: { input: [3, 5, 7, 2] }, attributes: { axes: [0, 2, 3, 1] } },
    { inputs: { input: [2, 3, 2, 3, 2, 3] }, attributes: { axes: [5, 3, 1, 4, 2, 0] } },
    {
      inputs: { input: { shape: [2, 3], data: [1, 2, 3, 4, 5, 255], dtype: "uint8" } },
      attributes: { axes: [1, 0] },
    },
    {
      inputs: { input: { shape: [3, 2], data: [1, 2, 3, 4, 5, -6], dtype: "int32" } },
      attributes: { axes: [1, 0] },
    },
  ],
  large: [{ inputs: { input: [300, 10, 101] }, attributes: { axes: [2, 0, 1] } }],
  accuracy: "exact",
  multilinear: true,
  special: [
    {
      inputs: {
        input: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      attributes: { axes: [1, 0] },
      output: [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
      grad: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      gradients: {
        input: [
          [1, 3, 5],
          [2, 4, 6],
        ],
      },
    },
  ],
  errors: [
    [
      () => permute(zeros([2, 3]), [0]),
      ShapeError,
      "permute: axes [0] are not an order of 2 axes (input [2, 3]); name each from 0 to 1 once",
    ],
    [
      () => permute(zeros([2, 3]), [0, -2]),
      ShapeError,
      "permute: axes [0, -2] are not an order of 2 axes (input [2, 3]); name each from 0 to 1 once",
    ],
    [
      () => permute(zeros([2, 3]), [0, 2]),
      ShapeError,
      "permute: axis 2 is out of range for 2 dimensions; it must be a whole number from -2 to 1",
    ],
  ],
});
