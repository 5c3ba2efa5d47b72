import fc from "fast-check";
import { apply } from "../../../src/core/apply.ts";
import type { DType } from "../../../src/core/dtype.ts";
import { sizeOf } from "../../../src/core/shape.ts";
import { DtypeError } from "../../../src/errors.ts";
import { byte, byteParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { randomIn } from "../../helpers/values.ts";

const dtypes: readonly DType[] = ["float32", "int32"];

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
  byteParticle,
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
        () => apply(byteParticle, { input: zeros([2], { dtype: "uint8" }) }, undefined),
        DtypeError,
        "byte: the input is uint8 already, so there is nothing to convert to uint8 (input [2]); use it as it is, or div",
      ],
    ],
  },
  (test) => {
    test("a tensor that is uint8 comes back itself", () => {
      const x = tensor([1, 2], { dtype: "uint8" });
      if (byte(x) !== x || x.to("uint8") !== x) throw new Error("it is another tensor");
    });
    test("the lowest eight bits stay", () => {
      bits(byte(tensor([1.9, 256, -1, NaN])), [1, 0, 255, 0]);
      bits(byte(tensor([257, -2], { dtype: "int32" })), [1, 254]);
    });
  },
);
