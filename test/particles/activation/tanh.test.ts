import { DtypeError } from "../../../src/errors.ts";
import { tanh, tanhParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  tanhParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 1.5 },
    special: [
      {
        inputs: { input: [0, -0, infinity, -infinity, nan, 1.401298464324817e-45, 20] },
        output: [0, -0, 1, -1, nan, 1.401298464324817e-45, 1],
        grad: [1, 2, 3, 4, 5, 6, 7],
        gradients: { input: [1, 2, 0, 0, nan, 6, 0] },
      },
    ],
    errors: [
      [
        () => tanh(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'tanh: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 1.5 ulp", () =>
      sweep(tanhParticle, undefined, 1.5, [0.625, 9, 10, 44.36142]));
  },
);
