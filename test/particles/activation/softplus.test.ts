import fc from "fast-check";
import { DtypeError } from "../../../src/errors.ts";
import { softplus, softplusParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  softplusParticle,
  {
    samples: fc
      .record({
        input: anyShape(),
        attributes: fc.constantFrom(
          { beta: 1, threshold: 20 },
          { beta: 2, threshold: 3 },
          { beta: 0.5, threshold: 0.25 },
        ),
      })
      .map(({ input, attributes }) => ({ inputs: { input }, attributes })),
    always: lengths.map((length) => ({ inputs: { input: [length] }, attributes: { beta: 1, threshold: 20 } })),
    large: [{ inputs: { input: [300_001] }, attributes: { beta: 1, threshold: 20 } }],
    accuracy: { ulp: 2.5 },
    avoid: ({ beta, threshold }) => [threshold / beta],
    special: [
      {
        inputs: { input: [0, infinity, -infinity, nan, 30, -200] },
        attributes: { beta: 1, threshold: 20 },
        output: [Math.LN2, infinity, 0, nan, 30, 0],
        grad: [2, 1, 1, 1, 1, 1],
        gradients: { input: [1, 1, 0, nan, 1, 0] },
      },
    ],
    errors: [
      [
        () => softplus(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'softplus: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 2.5 ulp with { beta: 1, threshold: 20 }", () =>
      sweep(softplusParticle, { beta: 1, threshold: 20 }, 2.5, [0.34657359, 0.88137359, 20, 16.6, 87.33655, 103.97]));
    test("numbers of every size are within 2.5 ulp with { beta: 2, threshold: 3 }", () =>
      sweep(softplusParticle, { beta: 2, threshold: 3 }, 2.5, [0.34657359, 0.88137359, 20, 16.6, 87.33655, 103.97]));
    test("numbers of every size are within 2.5 ulp with { beta: 0.5, threshold: 0.25 }", () =>
      sweep(
        softplusParticle,
        { beta: 0.5, threshold: 0.25 },
        2.5,
        [0.34657359, 0.88137359, 20, 16.6, 87.33655, 103.97],
      ));
  },
);
