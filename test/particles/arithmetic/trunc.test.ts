import { DtypeError } from "../../../src/errors.ts";
import { tensor, trunc, truncParticle } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  truncParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: "exact",
    avoid: Array.from({ length: 65 }, (_, index) => index - 32),
    special: [
      {
        inputs: { input: [-1.5, -0, -0.5, 1.5, infinity, nan] },
        output: [-1, -0, -0, 1, infinity, nan],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [0, 0, 0, 0, 0, 0] },
      },
    ],
    errors: [
      [
        () => trunc(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'trunc: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are rounded once", () =>
      sweep(truncParticle, undefined, 0.5, [0.5, 1, 1.5, 2.5, 8388608]));
  },
);
