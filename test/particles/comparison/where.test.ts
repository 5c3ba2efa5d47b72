import fc from "fast-check";
import { sizeOf } from "../../../src/core/shape.ts";
import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { gt, tensor, where, whereParticle, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { broadcastable, lengths } from "../../helpers/shapes.ts";
import { randomIn } from "../../helpers/values.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

function mask(shape: readonly number[], seed: number) {
  const random = randomIn(seed);
  const data = Uint8Array.from({ length: sizeOf(shape) }, () => (random() < 0.5 ? 0 : random() * 256));
  return { shape, data, dtype: "uint8" as const };
}

particleTest(
  whereParticle,
  {
    samples: fc.tuple(broadcastable(3), fc.integer()).map(([[condition, a, b], seed]) => ({
      inputs: { condition: mask(condition!, seed), a: a!, b: b! },
    })),
    always: lengths.flatMap((length) => [
      { inputs: { condition: mask([length], length), a: [length], b: [length] } },
      { inputs: { condition: mask([3, 1], length), a: [length], b: [3, length] } },
      { inputs: { condition: mask([length], length), a: [3, 1], b: [] } },
    ]),
    large: [{ inputs: { condition: mask([300, 1001], 1), a: [300, 1001], b: [1001] } }],
    accuracy: "exact",
    multilinear: true,
    special: [
      {
        inputs: { condition: [1, 0, 255], a: [1, 2, 3], b: [4, 5, 6] },
        output: [1, 5, 3],
        grad: [1, 1, 1],
        gradients: { a: [1, 0, 1], b: [0, 1, 0] },
      },
      {
        inputs: { condition: [1, 0], a: [infinity, nan], b: [nan, -0] },
        output: [infinity, -0],
        grad: [nan, nan],
        gradients: { a: [nan, 0], b: [0, nan] },
      },
    ],
    errors: [
      [
        () => where(zeros([2], { dtype: "uint8" }), zeros([3]), 0),
        ShapeError,
        "where: sizes 2 and 3 at axis -1 do not match (condition [2], a [3], b []); they must be equal, or one of them 1",
      ],
      [
        () => where(zeros([2]), 1, 0),
        DtypeError,
        'where: condition must be uint8, got float32 (condition [2]); convert it with to("uint8")',
      ],
    ],
  },
  (test) => {
    test("a mask chooses", () => {
      const x = tensor([-1, 2, 3]);
      bits(gt(x, 0).where(x, 0), [0, 2, 3]);
    });
  },
);
