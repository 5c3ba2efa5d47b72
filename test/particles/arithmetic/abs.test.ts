import { DtypeError } from "../../../src/errors.ts";
import { abs, absParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(absParticle, {
  samples: anyShape().map((input) => ({ inputs: { input } })),
  always: lengths.map((length) => ({ inputs: { input: [length] } })),
  large: [{ inputs: { input: [300_001] } }],
  accuracy: "exact",
  avoid: [0],
  special: [
    {
      inputs: { input: [-3, -0, 0, 2, -infinity, nan] },
      output: [3, 0, 0, 2, infinity, nan],
      grad: [1, 2, 3, 4, 5, 6],
      gradients: { input: [-1, 0, 0, 4, -5, nan] },
    },
  ],
  errors: [
    [
      () => abs(tensor([[1, 2]], { dtype: "int32" })),
      DtypeError,
      'abs: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
    ],
  ],
});
