import fc from "fast-check";
import { DtypeError } from "../../../src/errors.ts";
import { leakyRelu, leakyReluParticle, tensor } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  leakyReluParticle,
  {
    samples: fc
      .record({
        input: anyShape(),
        attributes: fc.constantFrom(
          { negativeSlope: 0.01 },
          { negativeSlope: 0.25 },
          { negativeSlope: -1 },
          { negativeSlope: 0 },
        ),
      })
      .map(({ input, attributes }) => ({ inputs: { input }, attributes })),
    always: lengths.map((length) => ({ inputs: { input: [length] }, attributes: { negativeSlope: 0.01 } })),
    large: [{ inputs: { input: [300_001] }, attributes: { negativeSlope: 0.01 } }],
    accuracy: { ulp: 1 },
    avoid: [0],
    special: [
      {
        inputs: { input: [-2, -0, 0, 3, -infinity, infinity, nan] },
        attributes: { negativeSlope: 0.25 },
        output: [-0.5, -0, 0, 3, -infinity, infinity, nan],
        grad: [4, 4, 4, 4, 4, 4, 4],
        gradients: { input: [1, 1, 1, 4, 1, 4, 1] },
      },
    ],
    errors: [
      [
        () => leakyRelu(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'leakyRelu: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("the slope is 0.01 by default", () =>
      bits(leakyRelu(tensor([-100, 1])), [Math.fround(Math.fround(0.01) * -100), 1]));
  },
);
