import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { relu, tensor } from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

interface Case {
  shape: number[];
  dtype: "float32" | "int32" | "uint8";
  requiresGrad: boolean;
  data: (number | string)[];
  text: string;
}

const { cases } = JSON.parse(readFileSync(new URL("../golden/format.json", import.meta.url), "utf8")) as {
  cases: Case[];
};

suite("printing", (test) => {
  for (const { shape, dtype, requiresGrad, data, text } of cases) {
    test(`as PyTorch prints ${dtype} [${shape}] ${data.slice(0, 4).join(" ")}`, () => {
      const numbers = data.map((value) =>
        typeof value === "number" ? value : Number(value.replace("inf", "Infinity")),
      );
      const printed = String(tensor(Float64Array.from(numbers), { shape, dtype, requiresGrad }));
      assert.is(printed, text);
    });
  }

  test("names the particle that made it", () => {
    const y = relu(tensor([1, -2], { requiresGrad: true }));
    assert.is(String(y), "tensor([1., 0.], gradFn=<relu>)");
  });
});
