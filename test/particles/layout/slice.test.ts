import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { slice, sliceParticle, zeros } from "../../../src/index.ts";
import type { Range } from "../../../src/particles/layout/slice.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

const place = fc.option(fc.integer({ min: -16, max: 16 }));
const step = fc.integer({ min: -3, max: 3 }).filter((value) => value !== 0);
const range: fc.Arbitrary<Range> = fc.option(fc.tuple(place, place, step));

particleTest(sliceParticle, {
  samples: anyShape({ maxRank: 5 }).chain((input) =>
    fc.array(range, { maxLength: input.length }).map((ranges) => ({ inputs: { input }, attributes: { ranges } })),
  ),
  always: [
    { inputs: { input: { shape: [5], data: [1, 2, 3, 4, 255], dtype: "uint8" } }, attributes: { ranges: [[1, -1]] } },
    {
      inputs: { input: { shape: [5], data: [1, 2, 3, 4, -5], dtype: "int32" } },
      attributes: { ranges: [[4, null, -2]] },
    },
    { inputs: { input: [2, 40] }, attributes: { ranges: [null, [3, 36]] } },
  ],
  large: [
    {
      inputs: { input: [600, 1001] },
      attributes: {
        ranges: [
          [1, -1, 2],
          [null, null, -1],
        ],
      },
    },
  ],
  accuracy: "exact",
  multilinear: true,
  special: [
    {
      inputs: { input: [1, 2, 3, 4, 5] },
      attributes: { ranges: [[1, 4]] },
      output: [2, 3, 4],
      grad: [1, 2, 3],
      gradients: { input: [0, 1, 2, 3, 0] },
    },
    {
      inputs: {
        input: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      attributes: { ranges: [null, [null, null, -1]] },
      output: [
        [3, 2, 1],
        [6, 5, 4],
      ],
      grad: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      gradients: {
        input: [
          [3, 2, 1],
          [6, 5, 4],
        ],
      },
    },
    { inputs: { input: [1, 2, 3, 4, 5] }, attributes: { ranges: [[-2]] }, output: [4, 5] },
    { inputs: { input: [1, 2, 3, 4, 5] }, attributes: { ranges: [[null, -3]] }, output: [1, 2] },
    { inputs: { input: [1, 2, 3, 4, 5] }, attributes: { ranges: [[10, -10, -2]] }, output: [5, 3, 1] },
    { inputs: { input: [1, 2, 3, 4, 5] }, attributes: { ranges: [[3, 1]] }, output: [] },
  ],
  errors: [
    [
      () => slice(zeros([2, 3]), [null, null, null]),
      ShapeError,
      "slice: 3 ranges for 2 axes (input [2, 3]); give at most one range an axis",
    ],
    [
      () => slice(zeros([2, 3]), [[0, 1, 0]]),
      ShapeError,
      "slice: the step of axis 0 is 0 (input [2, 3]); use a positive or negative step",
    ],
    [
      () => slice(zeros([2, 3]), [null, [0.5]]),
      ShapeError,
      "slice: 0.5 in the range of axis 1 is not a whole number (input [2, 3])",
    ],
  ],
});
