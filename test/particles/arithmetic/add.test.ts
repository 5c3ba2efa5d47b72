import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { add, addParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { broadcastable, broadcasts, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  addParticle,
  {
    samples: broadcastable(2).map(([a, b]) => ({ inputs: { a: a!, b: b! } })),
    always: [
      ...lengths.map((length) => ({ inputs: { a: [length], b: [length] } })),
      ...broadcasts.map(([a, b]) => ({ inputs: { a, b } })),
    ],
    large: [
      { inputs: { a: [300, 1001], b: [300, 1001] } },
      { inputs: { a: [300, 1001], b: [1001] } },
      { inputs: { a: [300, 1], b: [1001] } },
    ],
    accuracy: "exact",
    multilinear: true,
    special: [
      {
        inputs: {
          a: [
            [1, 2],
            [3, 4],
          ],
          b: [10, 20],
        },
        output: [
          [11, 22],
          [13, 24],
        ],
        grad: [
          [1, 2],
          [3, 4],
        ],
        gradients: {
          a: [
            [1, 2],
            [3, 4],
          ],
          b: [4, 6],
        },
      },
      { inputs: { a: [infinity, -0, nan], b: [-infinity, -0, 1] }, output: [nan, -0, nan] },
    ],
    errors: [
      [
        () => add(zeros([2, 3]), zeros([4])),
        ShapeError,
        "add: sizes 3 and 4 at axis -1 do not match (a [2, 3], b [4]); they must be equal, or one of them 1",
      ],
      [
        () => add(zeros([2]), zeros([2], { dtype: "int32" })),
        DtypeError,
        'add: b must be float32, got int32 (b [2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers are scalars", () => {
      bits(add(tensor([1, 2]), 3), [4, 5]);
      bits(add(3, tensor([1, 2])), [4, 5]);
    });
  },
);
