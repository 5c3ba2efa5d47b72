import fc from "fast-check";
import { DtypeError } from "../../../src/errors.ts";
import { gelu, geluParticle, tensor } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { sweep } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  geluParticle,
  {
    samples: fc
      .record({ input: anyShape(), attributes: fc.constantFrom({ approximate: "none" }, { approximate: "tanh" }) })
      .map(({ input, attributes }) => ({ inputs: { input }, attributes })),
    always: lengths.map((length) => ({ inputs: { input: [length] }, attributes: { approximate: "none" } })),
    large: [
      { inputs: { input: [300_001] }, attributes: { approximate: "none" } },
      { inputs: { input: [300_001] }, attributes: { approximate: "tanh" } },
    ],
    accuracy: { ulp: 4 },
    special: [
      {
        inputs: { input: [0, -0, infinity, -infinity, nan, 100, -100] },
        attributes: { approximate: "none" },
        output: [0, -0, infinity, nan, nan, 100, -0],
        grad: [2, 2, 1, 1, 1, 1, 1],
        gradients: { input: [1, 1, 1, nan, nan, 1, 0] },
      },
      {
        inputs: { input: [0, -0, infinity, -infinity, nan, 100, -100] },
        attributes: { approximate: "tanh" },
        output: [0, -0, infinity, nan, nan, 100, -0],
        grad: [2, 2, 1, 1, 1, 1, 1],
        gradients: { input: [1, 1, 1, nan, nan, 1, 0] },
      },
    ],
    errors: [
      [
        () => gelu(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'gelu: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers of every size are within 4 ulp with { approximate: none }", () =>
      sweep(geluParticle, { approximate: "none" }, 4, [0.85, 3, 15, 6, 10.5, 11, 14.2]));
    test("numbers of every size are within 4 ulp with { approximate: tanh }", () =>
      sweep(geluParticle, { approximate: "tanh" }, 4, [0.85, 3, 15, 6, 10.5, 11, 14.2]));
  },
);
