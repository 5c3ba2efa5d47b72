import fc from "fast-check";
import { apply } from "../../../src/core/apply.ts";
import type { DType } from "../../../src/core/dtype.ts";
import { sizeOf } from "../../../src/core/shape.ts";
import { DtypeError } from "../../../src/errors.ts";
import { float, floatParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";
import { randomIn } from "../../helpers/values.ts";

const dtypes: readonly DType[] = ["int32", "uint8"];

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
  floatParticle,
  {
    samples: fc
      .record({
        shape: anyShape(),
        dtype: fc.constantFrom(...dtypes),
        seed: fc.integer(),
        divisor: fc.constantFrom(1, 255, 3),
      })
      .map(({ shape, dtype, seed, divisor }) => ({
        inputs: { input: numbers(shape, dtype, seed) },
        attributes: { divisor },
      })),
    always: lengths.flatMap((length) =>
      dtypes.map((dtype) => ({ inputs: { input: numbers([length], dtype, length) }, attributes: { divisor: 1 } })),
    ),
    large: dtypes.map((dtype) => ({ inputs: { input: numbers([300_001], dtype, 1) }, attributes: { divisor: 255 } })),
    accuracy: "exact",
    errors: [
      [
        () => apply(floatParticle, { input: zeros([2], { dtype: "float32" }) }, { divisor: 1 }),
        DtypeError,
        "float: the input is float32 already, so there is nothing to convert to float32 (input [2]); use it as it is, or div",
      ],
    ],
  },
  (test) => {
    test("a tensor that is float32 comes back itself", () => {
      const x = tensor([1, 2], { dtype: "float32" });
      if (float(x) !== x || x.to("float32") !== x) throw new Error("it is another tensor");
    });
    test("bytes become numbers from 0 to 1", () =>
      bits(float(tensor([0, 51, 255], { dtype: "uint8" }), { divisor: 255 }), [0, 0.2, 1]));
    test("float32 and a divisor are refused", () => {
      let said = "";
      try {
        float(tensor([1]), { divisor: 2 });
      } catch (error) {
        said = String(error);
      }
      if (!said.includes("use it as it is, or div")) throw new Error(said);
    });
  },
);
