import { DtypeError } from "../../../src/errors.ts";
import { asin, asinParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  asinParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1 },
    range: { input: [-0.9, 0.9] },
    special: [
      {
        inputs: { input: [0, -0, 1, -1, 1.5, nan] },
        output: [0, -0, Math.PI / 2, -Math.PI / 2, nan, nan],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [1, 1, infinity, infinity, nan, nan] },
      },
    ],
    errors: [
      [
        () => asin(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'asin: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1 ulp", () =>
      sweep(asinParticle, undefined, 1, [0.5, 1, 0.38268343, Math.SQRT1_2]));
  },
);
