import { DtypeError } from "../../../src/errors.ts";
import { silu, siluParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  siluParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 2 },
    special: [
      {
        inputs: { input: [0, -0, infinity, -infinity, nan, 100] },
        output: [0, -0, infinity, nan, nan, 100],
        grad: [2, 2, 1, 1, 1, 1],
        gradients: { input: [1, 1, 1, nan, nan, 1] },
      },
    ],
    errors: [
      [
        () => silu(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'silu: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 2 ulp", () =>
      sweep(siluParticle, undefined, 2, [0.34657359, 30, 87.33655, 103.97, 112]));
  },
);
