import { DtypeError } from "../../../src/errors.ts";
import { rsqrt, rsqrtParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  rsqrtParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1.5 },
    range: { input: [0.3, 4] },
    special: [
      {
        inputs: { input: [4, 0, -0, infinity, -4, nan] },
        output: [0.5, infinity, -infinity, 0, nan, nan],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [-0.0625, -infinity, infinity, -0, nan, nan] },
      },
    ],
    errors: [
      [
        () => rsqrt(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'rsqrt: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1.5 ulp", () => sweep(rsqrtParticle, undefined, 1.5, [1]));
  },
);
