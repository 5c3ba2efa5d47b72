import { ShapeError } from "../../../src/errors.ts";
import { expand, expandParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { broadcastable } from "../../helpers/shapes.ts";

particleTest(
  expandParticle,
  {
    samples: broadcastable(1).chain(([input]) =>
      broadcastable(2)
        .filter(([shape]) => shape!.length >= input!.length)
        .map(([shape]) => {
          const missing = shape!.length - input!.length;
          const wanted = shape!.map((size, axis) => {
            const own = input![axis - missing];
            return own === undefined || own === 1 ? size : axis % 2 === 0 ? own : -1;
          });
          return { inputs: { input: input! }, attributes: { shape: wanted } };
        }),
    ),
    always: [
      { inputs: { input: [1, 5, 1] }, attributes: { shape: [3, 5, 7] } },
      { inputs: { input: [] }, attributes: { shape: [2, 3] } },
      { inputs: { input: [1, 3] }, attributes: { shape: [0, 3] } },
    ],
    large: [{ inputs: { input: [300, 1, 7] }, attributes: { shape: [300, 143, 7] } }],
    accuracy: "exact",
    multilinear: true,
    special: [
      {
        inputs: { input: [[1], [2]] },
        attributes: { shape: [2, 3] },
        output: [
          [1, 1, 1],
          [2, 2, 2],
        ],
        grad: [
          [1, 2, 3],
          [4, 5, 6],
        ],
        gradients: { input: [[6], [15]] },
      },
      {
        inputs: { input: [1, 2] },
        attributes: { shape: [2, -1] },
        output: [
          [1, 2],
          [1, 2],
        ],
        grad: [
          [1, 2],
          [3, 4],
        ],
        gradients: { input: [4, 6] },
      },
    ],
    errors: [
      [
        () => expand(zeros([2, 3]), [3]),
        ShapeError,
        "expand: 1 sizes are fewer than the 2 axes of the input (input [2, 3], shape [3]); name a size for each, −1 to keep it",
      ],
      [
        () => expand(zeros([2, 3]), [4, 3]),
        ShapeError,
        "expand: size 2 at axis 0 cannot become 4 (input [2, 3], shape [4, 3]); only a size of 1 can be repeated",
      ],
      [
        () => expand(zeros([3]), [-1, 3]),
        ShapeError,
        "expand: size -1 is not a whole number of at least 0 (shape [-1, 3])",
      ],
    ],
  },
  (test) => {
    test("repeats bytes and whole numbers", () => {
      for (const dtype of ["uint8", "int32"] as const) {
        bits(expand(tensor([[1], [2]], { dtype }), [2, 2]), { shape: [2, 2], data: [1, 1, 2, 2] });
      }
    });
  },
);
