import { DtypeError } from "../../../src/errors.ts";
import { mish, mishParticle, tensor } from "../../../src/index.ts";
import { ulp } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { everySize } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  mishParticle,
  {
    samples: anyShape().map((input) => ({ inputs: { input } })),
    always: lengths.map((length) => ({ inputs: { input: [length] } })),
    large: [{ inputs: { input: [300_001] } }],
    accuracy: { relative: 1e-6, absolute: 1e-36 },
    range: { input: [-12, 12] },
    special: [
      {
        inputs: { input: [0, -0, infinity, -infinity, nan] },
        output: [0, -0, infinity, nan, nan],
        grad: [1, 1, 1, 1, 1],
        gradients: { input: [0.6, 0.6, 1, nan, nan] },
      },
    ],
    errors: [
      [
        () => mish(tensor([[1, 2]], { dtype: "int32" })),
        DtypeError,
        'mish: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers down to −87 are within 4 ulp", () => {
      const data = everySize(64, [0.34657359, 20, 17, 80]).filter((x) => x >= -87 && Number.isFinite(x));
      ulp(mish(tensor(data)).data, mishParticle.definition({ input: { shape: [data.length], data } }, undefined), 4);
    });
  },
);
