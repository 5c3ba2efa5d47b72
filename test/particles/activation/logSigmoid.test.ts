import { DtypeError } from "../../../src/errors.ts";
import { logSigmoid, logSigmoidParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  logSigmoidParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 3 },
    special: [
      {
        inputs: { input: [infinity, -infinity, nan, -200] },
        output: [-0, -infinity, nan, -200],
        grad: [1, 1, 1, 1],
        gradients: { input: [0, 1, nan, 1] },
      },
    ],
    errors: [
      [
        () => logSigmoid(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'logSigmoid: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 3 ulp", () =>
      sweep(logSigmoidParticle, undefined, 3, [0.34657359, 1.0397208, 17, 87, 100]));
  },
);
