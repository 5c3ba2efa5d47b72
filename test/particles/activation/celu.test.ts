import fc from "fast-check";
import { DtypeError, OptionError } from "../../../src/errors.ts";
import { celu, celuParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  celuParticle,
  {
    samples: fc
      .record({ input: anyShape(), attributes: fc.constantFrom({ alpha: 1 }, { alpha: 0.25 }, { alpha: 2 }) })
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
    ],
    errors: [
      [
        () => celu(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'celu: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
      [
        () => celu(tensor([1]), { ALPHA: 1 } as object),
        OptionError,
        'celu: option "ALPHA" is not known; did you mean "alpha"?',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 2 ulp with alpha: 1", () =>
      sweep(celuParticle, { alpha: 1 }, 2, [0.34657359, 1.0397208, 17, 60]));
    test("numbers of every size are within 2 ulp with alpha: 0.25", () =>
      sweep(celuParticle, { alpha: 0.25 }, 2, [0.34657359, 1.0397208, 17, 60]));
    test("numbers of every size are within 2 ulp with alpha: 2", () =>
      sweep(celuParticle, { alpha: 2 }, 2, [0.34657359, 1.0397208, 17, 60]));
  },
);
