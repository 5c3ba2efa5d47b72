import * as assert from "uvu/assert";
import { described, flag, nearest, oneOf, option, readOptions, real, whole } from "../../src/core/options.ts";
import { OptionError } from "../../src/errors.ts";
import { tensor } from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

const known = {
  stride: whole(1, 1),
  padding: whole(0),
  slope: real(0.01),
  rate: real(0.5, { least: 0, below: 1 }),
  ceilMode: flag(false),
  mode: oneOf("zeros", "reflect"),
  hook: option<(() => void) | undefined>(undefined, "a function", (value) => typeof value === "function"),
};
const read = (given: unknown) => readOptions<Record<string, unknown>>("op", given, known);
const message = (given: unknown): string => {
  try {
    read(given);
  } catch (error) {
    assert.instance(error, OptionError);
    return (error as Error).message;
  }
  return "";
};

suite("options", (test) => {
  test("are the fallbacks where none are given", () => {
    const none = { stride: 1, padding: 0, slope: 0.01, rate: 0.5, ceilMode: false, mode: "zeros", hook: undefined };
    assert.equal(read(undefined), none);
    assert.equal(read({}), none);
    assert.equal(read({ padding: undefined }), none);
  });

  test("are what is given", () => {
    const { padding, mode } = read({ padding: 2, mode: "reflect" });
    assert.equal([padding, mode], [2, "reflect"]);
    assert.is(read(Object.assign(Object.create(null), { stride: 3 })).stride, 3);
  });

  test("cannot be changed for the next caller", () => {
    read({}).padding = 7;
    assert.is(read({}).padding, 0);
  });

  test("alone are the first one", () => {
    assert.is(read(2).stride, 2);
    assert.is(message(0), "op: stride must be a whole number of at least 1, got 0");
    assert.is(message("valid"), 'op: stride must be a whole number of at least 1, got "valid"');
  });

  test("of an unknown name are refused, with the nearest", () => {
    assert.is(message({ pad: 1 }), 'op: option "pad" is not known; did you mean "padding"?');
    assert.is(message({ ceil_mode: true }), 'op: option "ceil_mode" is not known; did you mean "ceilMode"?');
    assert.is(message({ ceilmode: true }), 'op: option "ceilmode" is not known; did you mean "ceilMode"?');
    assert.is(message({ sldoe: 1 }), 'op: option "sldoe" is not known; did you mean "slope"?');
    assert.is(
      message({ learningRate: 1 }),
      'op: option "learningRate" is not known; known are stride, padding, slope, rate, ceilMode, mode, hook',
    );
    assert.is(message({ ["x".repeat(99)]: 1 }).slice(0, 58), `op: option "${"x".repeat(37)}…" is not`);
    assert.throws(() => readOptions("op", { a: 1 }, {}), 'op: option "a" is not known; it takes none');
  });

  test("of a wrong value are refused", () => {
    for (const [given, wanted] of [
      [{ padding: -1 }, "padding must be a whole number of at least 0, got -1"],
      [{ padding: 2 ** 53 }, "padding must be a whole number of at least 0, got 9007199254740992"],
      [{ slope: Number.NaN }, "slope must be a number, got NaN"],
      [{ slope: null }, "slope must be a number, got null"],
      [{ slope: "0.1" }, 'slope must be a number, got "0.1"'],
      [{ rate: 1 }, "rate must be a number of at least 0 and below 1, got 1"],
      [{ ceilMode: 1 }, "ceilMode must be true or false, got 1"],
      [{ mode: "reflekt" }, 'mode must be "zeros" or "reflect", got "reflekt"'],
      [{ hook: {} }, "hook must be a function, got an object"],
    ] as const) {
      assert.is(message(given), `op: ${wanted}`);
    }
    const x = tensor([1]);
    assert.is(message({ slope: x }), "op: slope must be a number, got a Tensor");
    const names = "stride, padding, slope, rate, ceilMode, mode, hook";
    assert.is(message(x), `op: options come last, an object with any of ${names}; got a Tensor`);
    assert.is(message(null), `op: options come last, an object with any of ${names}; got null`);
    x.dispose();
  });

  test("values are described shortly and without asking them", () => {
    const unkind = { toString: () => assert.unreachable() };
    assert.is(described(unkind), "an object");
    assert.is(described([1, 2]), "[1, 2]");
    assert.is(described(new Float32Array(9)), "an array of 9");
    assert.is(
      described(() => 1),
      "a function",
    );
    assert.is(described("y".repeat(50)), `"${"y".repeat(37)}…"`);
  });

  test("nothing is near to what is far", () => {
    assert.is(nearest("lr", ["beta", "eps"]), undefined);
    assert.is(nearest("dim", []), undefined);
  });
});
