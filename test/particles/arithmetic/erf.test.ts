import { DtypeError } from "../../../src/errors.ts";
import { erf, erfParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  erfParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1.5 },
    special: [
      {
        inputs: { input: [0, -0, infinity, -infinity, nan, 1.401298464324817e-45] },
        output: [0, -0, 1, -1, nan, 1.401298464324817e-45],
      },
    ],
    errors: [
      [
        () => erf(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'erf: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1.5 ulp", () => sweep(erfParticle, undefined, 1.5, [1, 4, 3.9]));
  },
);
