import { DtypeError } from "../../../src/errors.ts";
import { reciprocal, reciprocalParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  reciprocalParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: "exact",
    range: { input: [0.4, 3] },
    special: [
      {
        inputs: { input: [2, 0, -0, infinity, -infinity, nan] },
        output: [0.5, infinity, -infinity, 0, -0, nan],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [-0.25, -infinity, -infinity, -0, -0, nan] },
      },
    ],
    errors: [
      [
        () => reciprocal(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'reciprocal: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are rounded once", () => sweep(reciprocalParticle, undefined, 0.5, [1]));
  },
);
