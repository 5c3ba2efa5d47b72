import fc from "fast-check";
import { DtypeError, OptionError } from "../../../src/errors.ts";
import { tensor, threshold, thresholdParticle } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  thresholdParticle,
  {
    samples: fc
      .record({
        input: anyShape(),
        attributes: fc.constantFrom({ threshold: 1, value: -0.5 }, { threshold: 0, value: 0 }),
      })
      .map(({ input, attributes }) => ({ inputs: { input }, attributes })),
    always: lengths.map((length) => ({ inputs: { input: [length] }, attributes: { threshold: 1, value: -0.5 } })),
    large: [{ inputs: { input: [300_001] }, attributes: { threshold: 1, value: -0.5 } }],
    accuracy: "exact",
    avoid: [0, 1],
    special: [
      {
        inputs: { input: [-2, 1, 1.5, infinity, nan] },
        attributes: { threshold: 1, value: -0.5 },
        output: [-0.5, -0.5, 1.5, infinity, nan],
        grad: [1, 1, 1, 1, 1],
        gradients: { input: [0, 0, 1, 1, 1] },
      },
    ],
    errors: [
      [
        () => threshold(tensor([[1, 2]], { dtype: "int32" }), 1, 0),
        DtypeError,
        'threshold: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
      [
        () => threshold(tensor([1]), "1" as unknown as number, 0),
        OptionError,
        'threshold: threshold must be a number, got "1"',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are rounded once with threshold: 1, value: -0.5", () =>
      sweep(thresholdParticle, { threshold: 1, value: -0.5 }, 0.5, [1]));
    test("numbers of every size are rounded once with threshold: 0, value: 0", () =>
      sweep(thresholdParticle, { threshold: 0, value: 0 }, 0.5, [1]));
  },
);
