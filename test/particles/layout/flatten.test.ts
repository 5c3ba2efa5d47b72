import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { flatten, flattenParticle, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

particleTest(
  flattenParticle,
  {
    samples: anyShape({ minRank: 1 }).chain((input) =>
      fc.tuple(fc.nat(input.length - 1), fc.nat(input.length - 1), fc.boolean()).map(([a, b, fromEnd]) => ({
        inputs: { input },
        attributes: { startAxis: Math.min(a, b), endAxis: Math.max(a, b) - (fromEnd ? input.length : 0) },
      })),
    ),
    always: [
      { inputs: { input: [] }, attributes: { startAxis: 0, endAxis: -1 } },
      {
        inputs: { input: { shape: [2, 2], data: [1, 2, 3, 255], dtype: "uint8" } },
        attributes: { startAxis: 0, endAxis: -1 },
      },
    ],
    accuracy: "exact",
    multilinear: true,
    cases: 100,
    special: [
      {
        inputs: {
          input: [
            [
              [
                [1, 2],
                [3, 4],
              ],
              [
                [5, 6],
                [7, 8],
              ],
            ],
          ],
        },
        attributes: { startAxis: 1, endAxis: -1 },
        output: [[1, 2, 3, 4, 5, 6, 7, 8]],
        grad: [[1, 2, 3, 4, 5, 6, 7, 8]],
        gradients: {
          input: [
            [
              [
                [1, 2],
                [3, 4],
              ],
              [
                [5, 6],
                [7, 8],
              ],
            ],
          ],
        },
      },
    ],
    errors: [
      [
        () => flatten(zeros([2, 3]), 1, 0),
        ShapeError,
        "flatten: startAxis 1 comes after endAxis 0 (input [2, 3]); swap them",
      ],
      [
        () => flatten(zeros([2, 3]), 2),
        ShapeError,
        "flatten: axis 2 is out of range for 2 dimensions; it must be a whole number from -2 to 1",
      ],
    ],
  },
  (test) => {
    test("takes all axes by default", () => bits([...flatten(zeros([2, 3, 4])).shape], [24]));
  },
);
