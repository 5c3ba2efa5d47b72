import fc from "fast-check";
import { apply } from "../../../src/core/apply.ts";
import type { DType } from "../../../src/core/dtype.ts";
import { sizeOf } from "../../../src/core/shape.ts";
import { DtypeError } from "../../../src/errors.ts";
import { int, intParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { randomIn } from "../../helpers/values.ts";

const dtypes: readonly DType[] = ["float32", "uint8"];

function numbers(shape: readonly number[], dtype: DType, seed: number) {
  const random = randomIn(seed);
  const data = Float64Array.from({ length: sizeOf(shape) }, () => {
    if (dtype === "uint8") return Math.floor(random() * 256);
    const value = (random() - 0.5) * 2 ** (random() * 34);
    return dtype === "int32" ? Math.trunc(Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1)) : Math.fround(value);
  });
  return { shape, data, dtype };
}

particleTest(
  intParticle,
  {
    samples: fc
      .record({ shape: anyShape(), dtype: fc.constantFrom(...dtypes), seed: fc.integer() })
      .map(({ shape, dtype, seed }) => ({
        inputs: { input: numbers(shape, dtype, seed) },
      })),
    always: lengths.flatMap((length) =>
      dtypes.map((dtype) => ({ inputs: { input: numbers([length], dtype, length) } })),
    ),
    large: dtypes.map((dtype) => ({ inputs: { input: numbers([300_001], dtype, 1) } })),
    accuracy: "exact",
    errors: [
      [
        () => apply(intParticle, { input: zeros([2], { dtype: "int32" }) }, undefined),
        DtypeError,
        "int: the input is int32 already, so there is nothing to convert to int32 (input [2]); use it as it is, or div",
      ],
    ],
  },
  (test) => {
    test("a tensor that is int32 comes back itself", () => {
      const x = tensor([1, 2], { dtype: "int32" });
      if (int(x) !== x || x.to("int32") !== x) throw new Error("it is another tensor");
    });
    test("fractions are cut off and nothing leaves the range", () =>
      bits(int(tensor([1.9, -1.9, NaN, 3e9, -3e9])), [1, -1, 0, 2147483647, -2147483648]));
  },
);
