import { DtypeError } from "../../../src/errors.ts";
import { sign, signParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  signParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: "exact",
    avoid: [0],
    special: [
      {
        inputs: { input: [-1.5, -0, 0, 3, infinity, nan] },
        output: [-1, 0, 0, 1, 1, 0],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [0, 0, 0, 0, 0, 0] },
      },
    ],
    errors: [
      [
        () => sign(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'sign: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are rounded once", () =>
      sweep(signParticle, undefined, 0.5, [0.5, 1, 1.5, 2.5, 8388608]));
  },
);
