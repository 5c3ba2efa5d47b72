import { DtypeError } from "../../../src/errors.ts";
import { softsign, softsignParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  softsignParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1.5 },
    avoid: [0],
    special: [
      {
        inputs: { input: [0, -0, 1, -3, infinity, nan] },
        output: [0, -0, 0.5, -0.75, nan, nan],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [1, 1, 0.25, 0.0625, 0, nan] },
      },
    ],
    errors: [
      [
        () => softsign(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'softsign: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1.5 ulp", () => sweep(softsignParticle, undefined, 1.5, [1]));
  },
);
