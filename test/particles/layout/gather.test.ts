import fc from "fast-check";
import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { gather, gatherParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

const int32 = (shape: readonly number[], data: readonly number[]) => ({ shape, data, dtype: "int32" as const });
const index = (data: readonly number[]) => tensor([...data], { dtype: "int32" });

particleTest(
  gatherParticle,
  {
    samples: anyShape({ minRank: 1, maxRank: 6, minSize: 1 }).chain((input) =>
      fc
        .tuple(
          fc.nat(input.length - 1),
          fc.tuple(...input.map((size) => fc.nat(size))),
          fc.nat(9),
          fc.array(fc.nat(), { minLength: 400, maxLength: 400 }),
        )
        .map(([axis, sizes, count, places]) => {
          const shape = sizes.with(axis, count);
          const size = shape.reduce((a, b) => a * b, 1);
          const data = Array.from({ length: size }, (_, k) => places[k % 400]! % input[axis]!);
          return { inputs: { input, index: int32(shape, data) }, attributes: { axis } };
        }),
    ),
    large: [
      {
        inputs: {
          input: [300, 1001],
          index: int32(
            [300, 1001],
            Array.from({ length: 300_300 }, (_, place) => (place * 7) % 300),
          ),
        },
        attributes: { axis: 0 },
      },
    ],
    accuracy: "exact",
    multilinear: true,
    special: [
      {
        // The logit of each row at its label.
        inputs: {
          input: [
            [1, 2, 3],
            [4, 5, 6],
          ],
          index: int32([2, 1], [2, 0]),
        },
        attributes: { axis: 1 },
        output: [[3], [4]],
        grad: [[10], [20]],
        gradients: {
          input: [
            [0, 0, 10],
            [20, 0, 0],
          ],
        },
      },
      {
        // Taken twice: the gradients add up.
        inputs: { input: [1, 2], index: int32([3], [1, 1, 1]) },
        attributes: { axis: -1 },
        output: [2, 2, 2],
        grad: [1, 2, 4],
        gradients: { input: [0, 7] },
      },
    ],
    errors: [
      [
        () => gather(zeros([2, 3]), 1, index([0, 1])),
        ShapeError,
        "gather: input has 2 axes but index 1 (input [2, 3], index [2]); unsqueeze the index",
      ],
      [
        () => gather(zeros([2, 3]), 1, tensor([[0], [0], [0]], { dtype: "int32" })),
        ShapeError,
        "gather: index has 3 places along axis 0 but input only 2 (input [2, 3], index [3, 1]); only axis 1 may be longer",
      ],
      [
        () => gather(zeros([3]), 0, index([0, 3])),
        ShapeError,
        "gather: place 3 at element 1 of the index is outside of axis 0 with 3 places (index [2]); places go from 0 to 2",
      ],
      [
        () => gather(zeros([3]), 0, index([-1])),
        ShapeError,
        "gather: place -1 at element 0 of the index is outside of axis 0 with 3 places (index [1]); places go from 0 to 2",
      ],
      [
        () => gather(zeros([3]), 0, zeros([1])),
        DtypeError,
        'gather: index must be int32, got float32 (index [1]); convert it with to("int32")',
      ],
    ],
  },
  (test) => {
    test("takes bytes and whole numbers", () => {
      for (const dtype of ["uint8", "int32"] as const) {
        bits(gather(tensor([5, 6, 7], { dtype }), 0, index([2, 0, 2, 1])), { shape: [4], data: [7, 5, 7, 6] });
      }
    });
  },
);
