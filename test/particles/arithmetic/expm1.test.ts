import { DtypeError } from "../../../src/errors.ts";
import { expm1, expm1Particle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  expm1Particle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1 },
    special: [
      {
        inputs: { input: [0, -0, -infinity, infinity, nan, 89] },
        output: [0, -0, -1, infinity, nan, infinity],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [1, 1, 0, infinity, nan, infinity] },
      },
    ],
    errors: [
      [
        () => expm1(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'expm1: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1 ulp", () =>
      sweep(expm1Particle, undefined, 1, [0.34657359, 1.0397208, 17, 88.72284]));
  },
);
