import { DtypeError } from "../../../src/errors.ts";
import { relu, reluParticle, tensor } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  reluParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    accuracy: "exact",
    avoid: [0],
    large: [{ inputs: { input: [300_001] } }],
    special: [
      {
        inputs: { input: [-infinity, -1, -0, 0, 1e-45, 2, infinity, nan] },
        output: [0, 0, -0, 0, 1e-45, 2, infinity, nan],
        grad: [1, 2, 3, 4, 5, 6, 7, 8],
        gradients: { input: [0, 0, 0, 0, 5, 6, 7, 8] },
      },
    ],
    errors: [
      [
        () => relu(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'relu: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("is a function of a tensor", () => bits(relu(tensor([[-1, 2]])), { shape: [1, 2], data: [0, 2] }));
  },
);
