import { DtypeError } from "../../../src/errors.ts";
import { cos, cosParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  cosParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1 },
    special: [
      {
        inputs: { input: [0, -0, infinity, -infinity, nan] },
        output: [1, 1, nan, nan, nan],
        grad: [1, 1, 1, 1, 1],
        gradients: { input: [-0, 0, nan, nan, nan] },
      },
    ],
    errors: [
      [
        () => cos(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'cos: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1 ulp", () =>
      sweep(cosParticle, undefined, 1, [
        Math.PI / 4,
        Math.PI / 2,
        Math.PI,
        4.71238898,
        2 * Math.PI,
        1000000,
        16367173,
      ]));
  },
);
