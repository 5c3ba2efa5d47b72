import { DtypeError } from "../../../src/errors.ts";
import { neg, negParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(negParticle, {
  samples: anyShape().map((input) => ({ inputs: { input } })),
  always: lengths.map((length) => ({ inputs: { input: [length] } })),
  large: [{ inputs: { input: [300_001] } }],
  accuracy: "exact",
  special: [
    {
      inputs: { input: [0, -0, 1.5, -infinity, nan] },
      output: [-0, 0, -1.5, infinity, nan],
      grad: [1, 2, 3, 4, 5],
      gradients: { input: [-1, -2, -3, -4, -5] },
    },
  ],
  errors: [
    [
      () => neg(tensor([[1, 2]], { dtype: "int32" })),
      DtypeError,
      'neg: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
    ],
  ],
});
