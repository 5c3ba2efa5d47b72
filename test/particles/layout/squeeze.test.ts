import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { squeeze, squeezeParticle, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";

const shapes = fc.array(fc.constantFrom(1, 1, 2, 3), { maxLength: 5 });

particleTest(
  squeezeParticle,
  {
    samples: shapes.chain((input) =>
      fc
        .subarray(input.map((_, axis) => axis))
        .chain((axes) => fc.constantFrom(undefined, axes))
        .map((axes) => ({ inputs: { input }, attributes: { axes } })),
    ),
    accuracy: "exact",
    multilinear: true,
    cases: 100,
    special: [
      {
        inputs: { input: [[1, 2, 3]] },
        attributes: { axes: 0 },
        output: [1, 2, 3],
        grad: [1, 2, 3],
        gradients: { input: [[1, 2, 3]] },
      },
    ],
    errors: [
      [
        () => squeeze(zeros([1, 3]), 2),
        ShapeError,
        "squeeze: axis 2 is out of range for 2 dimensions; it must be a whole number from -2 to 1",
      ],
      [() => squeeze(zeros([1, 3]), [0, -2]), ShapeError, "squeeze: axes [0, -2] name an axis twice; give each once"],
    ],
  },
  (test) => {
    test("leaves axes of other sizes alone", () => {
      bits([...squeeze(zeros([1, 3, 1])).shape], [3]);
      bits([...squeeze(zeros([1, 3, 1]), 1).shape], [1, 3, 1]);
      bits([...squeeze(zeros([1, 3, 1]), -1).shape], [1, 3]);
    });
  },
);
