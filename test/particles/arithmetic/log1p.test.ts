import { DtypeError } from "../../../src/errors.ts";
import { log1p, log1pParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  log1pParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1 },
    range: { input: [-0.8, 4] },
    special: [
      {
        inputs: { input: [0, -0, -1, -2, infinity, nan] },
        output: [0, -0, -infinity, nan, infinity, nan],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [1, 1, infinity, -1, 0, nan] },
      },
    ],
    errors: [
      [
        () => log1p(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'log1p: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1 ulp", () =>
      sweep(log1pParticle, undefined, 1, [0.41421356, 0.29289322, 1]));
  },
);
