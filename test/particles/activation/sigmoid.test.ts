import { DtypeError } from "../../../src/errors.ts";
import { sigmoid, sigmoidParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  sigmoidParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 2 },
    special: [
      {
        inputs: { input: [0, infinity, -infinity, nan, 100, -104] },
        output: [0.5, 1, 0, nan, 1, 0],
        grad: [4, 1, 1, 1, 1, 1],
        gradients: { input: [1, 0, 0, nan, 0, 0] },
      },
    ],
    errors: [
      [
        () => sigmoid(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'sigmoid: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 2 ulp", () =>
      sweep(sigmoidParticle, undefined, 2, [0.34657359, 16.6, 17.5, 30, 87.33655, 103.97]));
  },
);
