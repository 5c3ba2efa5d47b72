import fc from "fast-check";
import { DtypeError } from "../../../src/errors.ts";
import { elu, eluParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  eluParticle,
  {
    samples: fc
      .record({ input: anyShape(), attributes: fc.constantFrom({ alpha: 1 }, { alpha: 0.3 }, { alpha: -2 }) })
      .map(({ input, attributes }) => ({ inputs: { input }, attributes })),
    always: lengths.map((length) => ({ inputs: { input: [length] }, attributes: { alpha: 1 } })),
    large: [{ inputs: { input: [300_001] }, attributes: { alpha: 1 } }],
    accuracy: { ulp: 2 },
    avoid: [0],
    special: [
      {
        inputs: { input: [-infinity, -0, 0, 2, infinity, nan] },
        attributes: { alpha: 1 },
        output: [-1, -0, 0, 2, infinity, nan],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [0, 1, 1, 1, 1, nan] },
      },
      {
        inputs: { input: [-infinity, 0, 2] },
        attributes: { alpha: 2 },
        output: [-2, 0, 2],
        grad: [1, 1, 1],
        gradients: { input: [0, 2, 1] },
      },
    ],
    errors: [
      [
        () => elu(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'elu: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 2 ulp with { alpha: 1 }", () =>
      sweep(eluParticle, { alpha: 1 }, 2, [0.34657359, 1.0397208, 17, 60]));
    test("numbers of every size are within 2 ulp with { alpha: 0.3 }", () =>
      sweep(eluParticle, { alpha: 0.3 }, 2, [0.34657359, 1.0397208, 17, 60]));
    test("numbers of every size are within 2 ulp with { alpha: -2 }", () =>
      sweep(eluParticle, { alpha: -2 }, 2, [0.34657359, 1.0397208, 17, 60]));
  },
);
