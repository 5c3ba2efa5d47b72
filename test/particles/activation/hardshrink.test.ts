import fc from "fast-check";
import { DtypeError, OptionError } from "../../../src/errors.ts";
import { hardshrink, hardshrinkParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  hardshrinkParticle,
  {
    samples: fc
      .record({ input: anyShape(), attributes: fc.constantFrom({ lambd: 0.5 }, { lambd: 0 }, { lambd: 1.25 }) })
      .map(({ input, attributes }) => ({ inputs: { input }, attributes })),
    always: lengths.map((length) => ({ inputs: { input: [length] }, attributes: { lambd: 0.5 } })),
    large: [{ inputs: { input: [300_001] }, attributes: { lambd: 0.5 } }],
    accuracy: "exact",
    avoid: [-1.25, -0.5, 0, 0.5, 1.25],
    special: [
      {
        inputs: { input: [-2, -0.5, 0.25, 0.5, 0.75, infinity, nan] },
        attributes: { lambd: 0.5 },
        output: [-2, 0, 0, 0, 0.75, infinity, nan],
        grad: [1, 1, 1, 1, 1, 1, 1],
        gradients: { input: [1, 0, 0, 0, 1, 1, 1] },
      },
    ],
    errors: [
      [
        () => hardshrink(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'hardshrink: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
      [
        () => hardshrink(tensor([1]), { LAMBD: 1 } as object),
        OptionError,
        'hardshrink: option "LAMBD" is not known; did you mean "lambd"?',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are rounded once with lambd: 0.5", () =>
      sweep(hardshrinkParticle, { lambd: 0.5 }, 0.5, [0.5, 1.25]));
    test("numbers of every size are rounded once with lambd: 0", () =>
      sweep(hardshrinkParticle, { lambd: 0 }, 0.5, [0.5, 1.25]));
    test("numbers of every size are rounded once with lambd: 1.25", () =>
      sweep(hardshrinkParticle, { lambd: 1.25 }, 0.5, [0.5, 1.25]));
  },
);
