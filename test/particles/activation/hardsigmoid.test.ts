import { DtypeError } from "../../../src/errors.ts";
import { hardsigmoid, hardsigmoidParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  hardsigmoidParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 2 },
    avoid: [-3, 3],
    special: [
      {
        inputs: { input: [-infinity, -3, 0, 3, infinity, nan] },
        output: [0, 0, 0.5, 1, 1, nan],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [0, 0, 0.1666666716337204, 0, 0, 0] },
      },
    ],
    errors: [
      [
        () => hardsigmoid(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'hardsigmoid: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 2 ulp", () => sweep(hardsigmoidParticle, undefined, 2, [3, 1]));
  },
);
