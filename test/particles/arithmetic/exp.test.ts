import { DtypeError } from "../../../src/errors.ts";
import { exp, expParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  expParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1 },
    special: [
      {
        inputs: {
          input: [0, -0, infinity, -infinity, nan, 88.72283172607422, 88.72284698486328, -103.97, -104, -200, 1000],
        },
        output: [1, 1, infinity, 0, nan, Math.exp(88.72283172607422), infinity, 1.401298464324817e-45, 0, 0, infinity],
        grad: [1, 2, 0, 4, 1, 0, 0, 0, 0, 0, 0],
        gradients: { input: [1, 2, nan, 0, nan, 0, nan, 0, 0, 0, nan] },
      },
    ],
    errors: [
      [
        () => exp(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'exp: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1 ulp", () =>
      sweep(expParticle, undefined, 1, [0.34657359, 1.0397208, 87.33655, 88.72284, 103.97, 89.5]));
  },
);
