import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { pad, padParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

particleTest(
  padParticle,
  {
    samples: anyShape().chain((input) =>
      fc
        .nat(Math.min(input.length, 3))
        .chain((axes) =>
          fc
            .array(fc.nat(3), { minLength: 2 * axes, maxLength: 2 * axes })
            .map((widths) => ({ inputs: { input }, attributes: { widths, value: 0 } })),
        ),
    ),
    large: [{ inputs: { input: [300, 1001] }, attributes: { widths: [1, 2, 3, 4], value: 7 } }],
    accuracy: "exact",
    multilinear: true,
    special: [
      {
        inputs: {
          input: [
            [1, 2],
            [3, 4],
          ],
        },
        attributes: { widths: [1, 0, 0, 1], value: 9 },
        output: [
          [9, 1, 2],
          [9, 3, 4],
          [9, 9, 9],
        ],
        grad: [
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
        ],
        gradients: {
          input: [
            [2, 3],
            [5, 6],
          ],
        },
      },
      {
        inputs: { input: [1] },
        attributes: { widths: [1, 1], value: Number.NEGATIVE_INFINITY },
        output: [Number.NEGATIVE_INFINITY, 1, Number.NEGATIVE_INFINITY],
      },
    ],
    errors: [
      [
        () => pad(zeros([2, 3]), [1]),
        ShapeError,
        "pad: 1 widths for 2 axes (input [2, 3]); give two an axis, the last axis first: [left, right, top, bottom]",
      ],
      [
        () => pad(zeros([3]), [1, 1, 1, 1]),
        ShapeError,
        "pad: 4 widths for 1 axes (input [3]); give two an axis, the last axis first: [left, right, top, bottom]",
      ],
      [
        () => pad(zeros([3]), [1, -1]),
        ShapeError,
        "pad: width -1 is not a whole number of at least 0 (input [3], widths [1, -1]); use slice to cut",
      ],
    ],
  },
  (test) => {
    test("fills bytes and whole numbers", () => {
      bits(pad(tensor([1, 2], { dtype: "int32" }), [1, 2], { value: -7 }), { shape: [5], data: [-7, 1, 2, -7, -7] });
      bits(pad(tensor([1, 2], { dtype: "uint8" }), [1, 2], { value: 200 }), {
        shape: [5],
        data: [200, 1, 2, 200, 200],
      });
    });
  },
);
