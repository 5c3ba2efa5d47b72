import fc from "fast-check";
import type { Of } from "../../../src/core/particle.ts";
import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { concat, concatParticle, noGrad, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

type Inputs<T> = Of<{ [port: `input${number}`]: 1 }, T>;

const ports = <T>(inputs: readonly T[]) =>
  Object.fromEntries(inputs.map((input, index) => [`input${index}`, input])) as Inputs<T>;

particleTest(
  concatParticle,
  {
    samples: anyShape({ minRank: 1 }).chain((shape) =>
      fc
        .tuple(fc.nat(shape.length - 1), fc.boolean(), fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }))
        .map(([axis, fromEnd, sizes]) => ({
          inputs: ports(sizes.map((size) => shape.with(axis, size))),
          attributes: { axis: fromEnd ? axis - shape.length : axis },
        })),
    ),
    always: [{ inputs: ports([[0], [2, 3], [0], [1, 3]]), attributes: { axis: 0 } }],
    large: [
      {
        inputs: ports([
          [300, 700],
          [300, 301],
        ]),
        attributes: { axis: 1 },
      },
    ],
    accuracy: "exact",
    multilinear: true,
    special: [
      {
        inputs: ports([
          [[1, 2]],
          [
            [3, 4],
            [5, 6],
          ],
        ]),
        attributes: { axis: 0 },
        output: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        grad: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        gradients: ports([
          [[1, 2]],
          [
            [3, 4],
            [5, 6],
          ],
        ]),
      },
      {
        inputs: ports([
          [[1], [2]],
          [[3], [4]],
        ]),
        attributes: { axis: 1 },
        output: [
          [1, 3],
          [2, 4],
        ],
      },
    ],
    errors: [
      [() => concat([]), ShapeError, "concat: there are 0 tensors; give at least 1"],
      [
        () => concat([zeros([2, 3]), zeros([2, 4])]),
        ShapeError,
        "concat: [2, 3] and [2, 4] differ in more than axis 0 (input0 [2, 3], input1 [2, 4]); make them equal, or join along another axis",
      ],
      [
        () => concat([zeros([2, 3]), zeros([6])]),
        ShapeError,
        "concat: [2, 3] and [6] differ in more than axis 0 (input0 [2, 3], input1 [6]); make them equal, or join along another axis",
      ],
      [
        () => concat([zeros([2]), zeros([2], { dtype: "int32" })]),
        DtypeError,
        'concat: float32 and int32 do not mix (input0 [2], input1 [2]); convert one with to("float32")',
      ],
      [
        () => concat([zeros([2])], 1),
        ShapeError,
        "concat: axis 1 is out of range for 1 dimensions; it must be a whole number from -1 to 0",
      ],
    ],
  },
  (test) => {
    test("joins bytes and whole numbers", () => {
      for (const dtype of ["uint8", "int32"] as const) {
        const parts = [
          tensor([[1], [2]], { dtype }),
          tensor(
            [
              [3, 4],
              [5, 6],
            ],
            { dtype },
          ),
        ];
        bits(concat(parts, 1), { shape: [2, 3], data: [1, 3, 4, 2, 5, 6] });
      }
    });

    test("a gradient of one part does not need the others", () => {
      const a = tensor([1, 2]);
      const b = tensor([3], { requiresGrad: true });
      concat([a, b]).backward(tensor([1, 2, 3]));
      bits(b.grad!, { shape: [1], data: [3] });
      noGrad(() => concat([a, b]));
    });
  },
);
