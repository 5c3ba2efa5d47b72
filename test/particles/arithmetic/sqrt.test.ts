import { DtypeError } from "../../../src/errors.ts";
import { sqrt, sqrtParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(sqrtParticle, {
  samples: anyShape().map((input) => ({ inputs: { input } })),
  always: lengths.map((length) => ({ inputs: { input: [length] } })),
  large: [{ inputs: { input: [300_001] } }],
  accuracy: "exact",
  range: [0.1, 4],
  special: [
    {
      inputs: { input: [0, -0, -1, 4, infinity, nan, 1e-45] },
      output: [0, -0, nan, 2, infinity, nan, 3.743392066509216e-23],
      grad: [1, 1, 1, 1, 1, 1, 0],
      gradients: { input: [infinity, -infinity, nan, 0.25, 0, nan, 0] },
    },
  ],
  errors: [
    [
      () => sqrt(tensor([[1, 2]], { dtype: "int32" })),
      DtypeError,
      'sqrt: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
    ],
  ],
});
