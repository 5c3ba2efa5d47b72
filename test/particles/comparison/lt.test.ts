import { ShapeError } from "../../../src/errors.ts";
import { lt, ltParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { comparisonSamples } from "../../helpers/comparisonSamples.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { broadcasts, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  ltParticle,
  {
    samples: comparisonSamples,
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
    special: [
      { inputs: { a: [1, infinity, 2, -0, nan, 1], b: [2, infinity, 1, 0, nan, nan] }, output: [1, 0, 0, 0, 0, 0] },
    ],
    errors: [
      [
        () => lt(zeros([2, 3]), zeros([4])),
        ShapeError,
        "lt: sizes 3 and 4 at axis -1 do not match (a [2, 3], b [4]); they must be equal, or one of them 1",
      ],
    ],
  },
  (test) => {
    test("a number is a scalar for any dtype", () => {
      for (const dtype of ["float32", "int32", "uint8"] as const) {
        bits(
          lt(tensor([1, 2, 3], { dtype }), 2),
          [1, 2, 3].map((x) => (x < 2 ? 1 : 0)),
        );
      }
    });
    test("large integers are compared as integers", () => {
      const a = tensor([16777217, -5], { dtype: "int32" });
      const b = tensor([16777216, -5], { dtype: "int32" });
      bits(lt(a, b), [16777217 < (16777216 as number) ? 1 : 0, -5 < (-5 as number) ? 1 : 0]);
    });
  },
);
