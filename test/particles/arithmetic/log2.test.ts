import { DtypeError } from "../../../src/errors.ts";
import { log2, log2Particle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  log2Particle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1 },
    range: { input: [0.2, 4] },
    special: [
      {
        inputs: { input: [1, 8, 0.25, 0, -0, -1, infinity, nan] },
        output: [0, 3, -2, -infinity, -infinity, nan, infinity, nan],
      },
    ],
    errors: [
      [
        () => log2(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'log2: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1 ulp", () =>
      sweep(log2Particle, undefined, 1, [1, Math.SQRT1_2, Math.SQRT2]));
  },
);
