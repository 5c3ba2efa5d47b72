import fc from "fast-check";
import { DtypeError } from "../../../src/errors.ts";
import { clamp, clampParticle, tensor } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  clampParticle,
  {
    samples: fc
      .record({
        input: anyShape(),
        attributes: fc.constantFrom(
          { min: -1, max: 1 },
          { min: 0, max: 6 },
          { min: -1, max: Number.POSITIVE_INFINITY },
          { min: Number.NEGATIVE_INFINITY, max: 0.5 },
          { min: 1, max: -1 },
        ),
      })
      .map(({ input, attributes }) => ({ inputs: { input }, attributes })),
    always: lengths.map((length) => ({ inputs: { input: [length] }, attributes: { min: -1, max: 1 } })),
    large: [{ inputs: { input: [300_001] }, attributes: { min: -1, max: 1 } }],
    accuracy: "exact",
    avoid: ({ min, max }) => [min, max],
    special: [
      {
        inputs: { input: [-3, -1, -0, 0.5, 1, 3, nan, infinity, -infinity] },
        attributes: { min: -1, max: 1 },
        output: [-1, -1, -0, 0.5, 1, 1, nan, 1, -1],
        grad: [1, 2, 3, 4, 5, 6, 7, 8, 9],
        gradients: { input: [0, 0, 3, 4, 0, 0, 0, 0, 0] },
      },
      {
        inputs: { input: [-infinity, 0, 2, infinity, nan] },
        attributes: { min: Number.NEGATIVE_INFINITY, max: 1 },
        output: [-infinity, 0, 1, 1, nan],
        grad: [1, 1, 1, 1, 1],
        gradients: { input: [1, 1, 0, 0, 0] },
      },
      {
        inputs: { input: [0, 3, 5] },
        attributes: { min: 4, max: 1 },
        output: [1, 1, 1],
        grad: [1, 1, 1],
        gradients: { input: [0, 0, 0] },
      },
    ],
    errors: [
      [
        () => clamp(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'clamp: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("a bound may be left out", () => {
      bits(clamp(tensor([-2, 2]), { min: 0 }), [0, 2]);
      bits(clamp(tensor([-2, 2]), { max: 0 }), [-2, 0]);
    });
  },
);
