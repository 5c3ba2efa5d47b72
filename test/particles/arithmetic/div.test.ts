import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { div, divParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { broadcastable, broadcasts, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  divParticle,
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
    range: { b: [0.5, 3] },
    special: [
      {
        inputs: {
          a: [
            [2, 8],
            [6, 4],
          ],
          b: [2, 4],
        },
        output: [
          [1, 2],
          [3, 1],
        ],
        grad: [
          [1, 1],
          [1, 1],
        ],
        gradients: {
          a: [
            [0.5, 0.25],
            [0.5, 0.25],
          ],
          b: [-2, -0.75],
        },
      },
      { inputs: { a: [1, -1, 0, infinity], b: [0, 0, 0, 2] }, output: [infinity, -infinity, nan, infinity] },
    ],
    errors: [
      [
        () => div(zeros([2, 3]), zeros([4])),
        ShapeError,
        "div: sizes 3 and 4 at axis -1 do not match (a [2, 3], b [4]); they must be equal, or one of them 1",
      ],
      [
        () => div(zeros([2]), zeros([2], { dtype: "int32" })),
        DtypeError,
        'div: b must be float32, got int32 (b [2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers are scalars", () => {
      bits(div(tensor([1, 2]), 2), [0.5, 1]);
      bits(div(2, tensor([1, 2])), [2, 1]);
    });
  },
);
