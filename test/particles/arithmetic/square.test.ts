import { DtypeError } from "../../../src/errors.ts";
import { square, squareParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(squareParticle, {
  samples: anyShape().map((input) => ({ inputs: { input } })),
  always: lengths.map((length) => ({ inputs: { input: [length] } })),
  large: [{ inputs: { input: [300_001] } }],
  accuracy: "exact",
  special: [
    {
      inputs: { input: [-3, -0, 1e-30, 2e19, -infinity, nan] },
      output: [9, 0, 0, infinity, infinity, nan],
      grad: [1, 1, 1, 0, 1, 1],
      gradients: { input: [-6, 0, 2e-30, 0, -infinity, nan] },
    },
  ],
  errors: [
    [
      () => square(tensor([[1, 2]], { dtype: "int32" })),
      DtypeError,
      'square: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
    ],
  ],
});
