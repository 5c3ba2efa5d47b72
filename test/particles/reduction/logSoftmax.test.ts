import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { logSoftmax, logSoftmaxParticle, rand, slice, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, NEGATIVE_INFINITY: least, POSITIVE_INFINITY: infinity } = Number;
const most = 3.4028234663852886e38;

/** One line of numbers, along the last axis and along the first of two columns. */
const line = (input: readonly number[], output: readonly number[]) => [
  { inputs: { input: [...input] }, attributes: { axis: -1 }, output: [...output] },
  {
    inputs: { input: input.map((x) => [x, 0]) },
    attributes: { axis: 0 },
    output: output.map((y) => [y, -Math.log(input.length)]),
  },
];

particleTest(
  logSoftmaxParticle,
  {
    samples: anyShape().chain((input) => {
      const rank = Math.max(input.length, 1);
      return fc.integer({ min: -rank, max: rank - 1 }).map((axis) => ({ inputs: { input }, attributes: { axis } }));
    }),
    always: [
      ...lengths.map((length) => ({ inputs: { input: [2, length] }, attributes: { axis: 1 } })),
      { inputs: { input: [300] }, attributes: { axis: 0 } },
      { inputs: { input: [150, 5] }, attributes: { axis: 0 } },
    ],
    large: [
      { inputs: { input: [300, 1001] }, attributes: { axis: 0 } },
      { inputs: { input: [300, 1001] }, attributes: { axis: 1 } },
    ],
    accuracy: { relative: 1e-6, absolute: 1e-6 },
    gradient: { relative: 3e-6, absolute: 1e-6 },
    range: [-4, 4],
    special: [
      {
        // The worked example of its page.
        inputs: { input: [0, Math.log(2), 0] },
        attributes: { axis: 0 },
        output: [-Math.log(4), -Math.log(2), -Math.log(4)],
        grad: [4, 0, 0],
        gradients: { input: [3, -2, -1] },
      },
      ...line([1000, 1000, 0], [-Math.LN2, -Math.LN2, -1000 - Math.LN2]),
      ...line([infinity, 0, 1], [nan, nan, nan]),
      ...line([0, nan, 1], [nan, nan, nan]),
      ...line([least, least], [nan, nan]),
      ...line([least, 0, 0], [least, -Math.LN2, -Math.LN2]),
      ...line([most, -most, 0], [0, least, -most]),
    ],
    errors: [
      [
        () => logSoftmax(zeros([2, 3]), 2),
        ShapeError,
        "logSoftmax: axis 2 is out of range for 2 dimensions; it must be a whole number from -2 to 1",
      ],
    ],
  },
  (test) => {
    test("a row has the same bits in any batch", () => {
      for (const shape of [
        [5, 7],
        [5, 130],
        [5, 6, 3],
        [5, 6, 4],
      ]) {
        const whole = rand(shape);
        const output = logSoftmax(whole, 1);
        for (let row = 0; row < 5; row++)
          bits(logSoftmax(slice(whole, [[row, row + 1]]), 1), slice(output, [[row, row + 1]]));
      }
    });
  },
);
