import fc from "fast-check";
import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { indexSelect, indexSelectParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

const int32 = (data: readonly number[]) => ({ shape: [data.length], data, dtype: "int32" as const });
const index = (data: readonly number[]) => tensor([...data], { dtype: "int32" });

particleTest(
  indexSelectParticle,
  {
    samples: anyShape({ minRank: 1, maxRank: 5, minSize: 1 }).chain((input) =>
      fc
        .nat(input.length - 1)
        .chain((axis) =>
          fc
            .array(fc.nat(input[axis]! - 1), { maxLength: 9 })
            .map((places) => ({ inputs: { input, index: int32(places) }, attributes: { axis } })),
        ),
    ),
    always: [{ inputs: { input: [3, 130], index: int32([2, 0, 2]) }, attributes: { axis: 0 } }],
    large: [
      {
        inputs: { input: [300, 1001], index: int32(Array.from({ length: 400 }, (_, row) => (row * 7) % 300)) },
        attributes: { axis: 0 },
      },
      { inputs: { input: [300, 1001], index: int32([5, 1000, 5, 0]) }, attributes: { axis: 1 } },
    ],
    accuracy: "exact",
    multilinear: true,
    special: [
      {
        inputs: {
          input: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          index: int32([2, 0, 2]),
        },
        attributes: { axis: 0 },
        output: [
          [5, 6],
          [1, 2],
          [5, 6],
        ],
        grad: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        gradients: {
          input: [
            [3, 4],
            [0, 0],
            [6, 8],
          ],
        },
      },
    ],
    errors: [
      [
        () => indexSelect(zeros([2, 3]), 0, tensor([[0]], { dtype: "int32" })),
        ShapeError,
        "indexSelect: index must have 1 axis, got 2 (input [2, 3], index [1, 1]); flatten it, or use gather",
      ],
      [
        () => indexSelect(zeros([]), 0, index([0])),
        ShapeError,
        "indexSelect: a scalar has no axis to select from (input [], index [1])",
      ],
      [
        () => indexSelect(zeros([2, 3]), 1, index([3])),
        ShapeError,
        "indexSelect: place 3 at element 0 of the index is outside of axis 1 with 3 places (index [1]); places go from 0 to 2",
      ],
      [
        () => indexSelect(zeros([2]), 0, zeros([1])),
        DtypeError,
        'indexSelect: index must be int32, got float32 (index [1]); convert it with to("int32")',
      ],
    ],
  },
  (test) => {
    test("takes rows of bytes", () => {
      const table = tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { dtype: "uint8" },
      );
      bits(indexSelect(table, 0, index([1, 0, 1])), { shape: [3, 2], data: [3, 4, 1, 2, 3, 4] });
    });
  },
);
