import { DtypeError } from "../../../src/errors.ts";
import { hardswish, hardswishParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  hardswishParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { ulp: 2.5 },
    avoid: [-3, 3],
    special: [
      {
        inputs: { input: [-3, 0, 3, infinity, -infinity, nan] },
        output: [-0, 0, 3, infinity, nan, nan],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [0, 0.5, 1, 1, 0, nan] },
      },
    ],
    errors: [
      [
        () => hardswish(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'hardswish: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 2.5 ulp", () => sweep(hardswishParticle, undefined, 2.5, [3, 1]));
  },
);
