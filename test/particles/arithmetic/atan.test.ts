import { DtypeError } from "../../../src/errors.ts";
import { atan, atanParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  atanParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1 },
    special: [
      {
        inputs: { input: [0, -0, infinity, -infinity, nan] },
        output: [0, -0, Math.PI / 2, -Math.PI / 2, nan],
        grad: [1, 1, 1, 1, 1],
        gradients: { input: [1, 1, 0, 0, nan] },
      },
    ],
    errors: [
      [
        () => atan(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'atan: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1 ulp", () =>
      sweep(atanParticle, undefined, 1, [0.41421356, 1, 2.41421356]));
  },
);
