import * as assert from "uvu/assert";
import { QuarkError } from "../src/errors.ts";
import { bits, bound, Mismatch, ulp, ulpOf } from "./helpers/compare.ts";
import { suite } from "./helpers/suite.ts";

const f32 = (...values: number[]) => Float32Array.from(values);
const largest = 3.4028234663852886e38;
const smallest = 2 ** -149;

function differs(body: () => void, message: string | RegExp = /./): void {
  assert.throws(body, (error: Error) => {
    if (typeof message === "string") assert.is(error.message, message);
    else assert.match(error.message, message);
    return error instanceof Mismatch;
  });
}

/** A NaN with a payload of its own. */
function oddNaN(): Float32Array {
  return new Float32Array(Uint32Array.of(0xffc12345).buffer);
}

suite("bits", (test) => {
  test("equal values pass", () => bits(f32(1, -0, 0, Number.POSITIVE_INFINITY), [1, -0, 0, Number.POSITIVE_INFINITY]));
  test("any NaN equals any other", () => bits(oddNaN(), [Number.NaN]));
  test("NaN differs from a number", () => {
    differs(() => bits([Number.NaN], [0]));
    differs(() => bits([0], [Number.NaN]));
  });
  test("−0 differs from +0", () => {
    differs(() => bits(f32(-0), f32(0)));
    differs(() => bits([0], [-0]), "bits: 1 of 1 elements differ\n  at 0: got 0, expected -0");
  });
  test("an infinity differs from the largest number and from the other", () => {
    differs(() => bits(f32(largest), [Number.POSITIVE_INFINITY]));
    differs(() => bits(f32(Number.POSITIVE_INFINITY), [largest]));
    differs(() => bits([Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]));
  });
  test("neighbours differ, also denormal ones", () => {
    differs(() => bits(f32(1), f32(1 + 2 ** -23)));
    differs(() => bits(f32(smallest), [0]));
    bits(f32(smallest), [smallest]);
  });
  test("float64 beside float32 is rounded once", () => {
    bits(f32(0.1), [0.1]);
    bits([0.1], f32(0.1));
    differs(() => bits([0.1], [Math.fround(0.1)]));
  });
  test("lengths and shapes must be equal", () => {
    differs(() => bits([1, 2], [1]), "bits: got 2 elements, expected 1");
    const data = [1, 2];
    differs(() => bits({ shape: [2], data }, { shape: [1, 2], data }), "bits: got shape [2], expected [1, 2]");
    bits({ shape: [2], data }, data);
    bits([], []);
  });
  test("the message names place and both values, of five elements at most", () => {
    const expected = { shape: [2, 3], data: f32(1, 2, 3, 4, 5, 0.1) };
    differs(
      () => bits({ shape: [2, 3], data: f32(1, 2, 3, 4, 6, 0.2) }, expected, "conv2d"),
      "conv2d: 2 of 6 elements differ\n  at 4 [1, 1]: got 6, expected 5\n" +
        "  at 5 [1, 2]: got 0.20000000298023224 (0x3e4ccccd), expected 0.10000000149011612 (0x3dcccccd)",
    );
    differs(() => bits(new Float32Array(9), new Float32Array(9).fill(1)), /^bits: 9 of 9(.|\n)*and 4 more$/);
  });
});

suite("ulp", (test) => {
  test("counts units at the expected value", () => {
    assert.is(ulp(f32(1 + 2 ** -23), f32(1), 1), 1);
    assert.is(ulp(f32(1 - 2 ** -24), f32(1), 1), 0.5);
    differs(() => ulp(f32(1 + 2 ** -22), f32(1), 1), /2.00 times/);
    assert.is(ulp([1.5], [1.5], 0), 0);
    differs(() => ulp([1.5], [1.5 + 2 ** -40], 0));
  });
  test("denormals have one step", () => {
    assert.is(ulp(f32(smallest), [0], 1), 1);
    differs(() => ulp(f32(2 * smallest), [0], 1));
    assert.is(ulp(f32(-smallest), f32(smallest), 2), 2);
  });
  test("zeros are equal; NaN and infinities only to themselves", () => {
    ulp([-0], [0], 0);
    ulp([Number.NaN, Number.POSITIVE_INFINITY], [Number.NaN, Number.POSITIVE_INFINITY], 0);
    differs(() => ulp([Number.NaN], [1], 1e30));
    differs(() => ulp([1], [Number.NaN], 1e30));
    differs(() => ulp([largest], [Number.POSITIVE_INFINITY], 1e30));
    differs(() => ulp([Number.POSITIVE_INFINITY], [largest], 1e30));
    differs(() => ulp([Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], 1e30));
  });
  test("what overflows float32 counts as infinite", () => ulp([Number.POSITIVE_INFINITY], [1e39], 1));
  test("a k that is no number is refused", () =>
    assert.throws(
      () => ulp([1], [1], Number.NaN),
      (error: unknown) => error instanceof QuarkError,
    ));
  test("ulpOf", () => {
    const cases: [number, number][] = [
      [1, 2 ** -23],
      [1.99, 2 ** -23],
      [-2, 2 ** -22],
      [0, smallest],
      [2 ** -126, smallest],
      [2 ** -125, 2 * smallest],
      [largest, 2 ** 104],
    ];
    for (const [value, expected] of cases) assert.is(ulpOf(value), expected, `ulpOf(${value})`);
  });
});

suite("bound", (test) => {
  test("one tolerance, or one for each element", () => {
    assert.is(bound([1, 2], [1, 2.5], 1), 0.5);
    assert.is(bound([1, 2], [1, 2.5], [0, 0.5]), 1);
    differs(() => bound([1, 2], [1, 2.5], [0.5, 0.25]), /at 1: got 2, expected 2.5 .*, 2.00 times what is allowed/);
    differs(() => bound([1], [1 + 2 ** -50], 0));
  });
  test("NaN and infinities only equal themselves", () => {
    bound([Number.NaN, Number.NEGATIVE_INFINITY], [Number.NaN, Number.NEGATIVE_INFINITY], 0);
    differs(() => bound([Number.NaN], [1], Number.POSITIVE_INFINITY));
    differs(() => bound([1], [Number.NaN], Number.POSITIVE_INFINITY));
    differs(() => bound([largest], [Number.POSITIVE_INFINITY], Number.POSITIVE_INFINITY));
  });
  test("a tolerance that is no number, or too few of them, never pass", () => {
    assert.throws(
      () => bound([1], [1.5], Number.NaN),
      (error: unknown) => error instanceof QuarkError,
    );
    assert.throws(
      () => bound([1, 2], [1, 2], [1]),
      (error: unknown) => error instanceof QuarkError,
    );
    assert.throws(
      () => bound([1], [2], -1),
      (error: unknown) => error instanceof QuarkError,
    );
  });
});
