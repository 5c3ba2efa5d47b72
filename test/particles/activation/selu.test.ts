import { DtypeError } from "../../../src/errors.ts";
import { selu, seluParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  seluParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 2.5 },
    avoid: [0],
    special: [
      {
        inputs: { input: [-0, 0, infinity, nan] },
        output: [-0, 0, infinity, nan],
      },
    ],
    errors: [
      [
        () => selu(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'selu: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 2.5 ulp", () =>
      sweep(seluParticle, undefined, 2.5, [0.34657359, 1.0397208, 17, 60]));
  },
);
