import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { rand, slice, softmax, softmaxParticle, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, NEGATIVE_INFINITY: least, POSITIVE_INFINITY: infinity } = Number;

/** One line of numbers, along the last axis and along the first of two columns. */
const line = (input: readonly number[], output: readonly number[]) => [
  { inputs: { input: [...input] }, attributes: { axis: -1 }, output: [...output] },
  {
    inputs: { input: input.map((x) => [x, 0]) },
    attributes: { axis: 0 },
    output: output.map((y) => [y, 1 / input.length]),
  },
];

particleTest(
  softmaxParticle,
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
    accuracy: { relative: 1e-6, absolute: 1e-12 },
    gradient: { relative: 3e-6, absolute: 1e-6 },
    range: [-4, 4],
    special: [
      {
        // The worked example of its page.
        inputs: { input: [0, Math.log(2), 0] },
        attributes: { axis: 0 },
        output: [0.25, 0.5, 0.25],
        grad: [4, 0, 0],
        gradients: { input: [0.75, -0.5, -0.25] },
      },
      ...line([1000, 1000, 0], [0.5, 0.5, 0]),
      ...line([infinity, 0, 1], [nan, nan, nan]),
      ...line([0, nan, 1], [nan, nan, nan]),
      ...line([least, least], [nan, nan]),
      ...line([least, 0, 0], [0, 0.5, 0.5]),
    ],
    errors: [
      [
        () => softmax(zeros([2, 3]), 2),
        ShapeError,
        "softmax: axis 2 is out of range for 2 dimensions; it must be a whole number from -2 to 1",
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
        const output = softmax(whole, 1);
        for (let row = 0; row < 5; row++)
          bits(softmax(slice(whole, [[row, row + 1]]), 1), slice(output, [[row, row + 1]]));
      }
    });
  },
);
