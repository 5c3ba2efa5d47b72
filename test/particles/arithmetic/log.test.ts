import { DtypeError } from "../../../src/errors.ts";
import { log, logParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  logParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1 },
    range: [0.1, 4],
    special: [
      {
        inputs: { input: [1, 0, -0, -1, -infinity, infinity, nan, 1.401298464324817e-45] },
        output: [0, -infinity, -infinity, nan, nan, infinity, nan, -103.27893],
        grad: [1, 1, 1, 1, 1, 1, 1, 0],
        gradients: { input: [1, infinity, -infinity, -1, -0, 0, nan, 0] },
      },
    ],
    errors: [
      [
        () => log(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'log: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1 ulp", () =>
      sweep(logParticle, undefined, 1, [Math.SQRT1_2, 1, Math.SQRT2, 1.17549435e-38, 2]));
  },
);
