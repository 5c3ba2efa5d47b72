/**
 * Comparators for tensors' values. Never compare floats with a general deep equality: it may take NaN for unequal to
 * itself and −0 for +0. Each comparator throws a `Mismatch` that names the first elements that differ, with both
 * values.
 */
import type { Shape } from "../../core/shape.ts";
import { QuarkError } from "../../errors.ts";

/** Numbers, with the shape if there is one: a tensor, `Values`, a typed or a plain array. */
export type Numbers = ArrayLike<number> | { readonly shape: Shape; readonly data: ArrayLike<number> };

/** Values, or what is around them, that are not what they have to be. */
export class Mismatch extends QuarkError {}

/**
 * Equal bit for bit, where any NaN equals any other and −0 differs from +0. If one side is float32, the other is
 * rounded to it first, so that an exact result in float64 can stand as the expected value.
 */
export function bits(actual: Numbers, expected: Numbers, what = "bits"): void {
  const single = dataOf(actual) instanceof Float32Array || dataOf(expected) instanceof Float32Array;
  const round = single ? Math.fround : (value: number) => value;
  compare(what, actual, expected, (a, b) => (Object.is(round(a), round(b)) ? 0 : Number.POSITIVE_INFINITY), round);
}

/**
 * Within `k` units in the last place of float32, measured at the expected value: |a − b| ≤ k·ulp(b). NaN equals NaN
 * only, an infinity equals itself only. Returns the largest distance in ulp.
 */
export function ulp(actual: Numbers, expected: Numbers, k: number, what = `${k} ulp`): number {
  if (!(k >= 0)) throw new QuarkError(`ulp: k is ${k}; it must be a number of at least 0`);
  return k * compare(what, actual, expected, (a, b) => ratio(Math.abs(a - b), k * ulpOf(b)), Math.fround);
}

/**
 * |a − b| ≤ tolerance, with one tolerance for all or one for each element. NaN equals NaN only, an infinity equals
 * itself only. Returns the largest |a − b| / tolerance.
 */
export function bound(
  actual: Numbers,
  expected: Numbers,
  tolerances: number | ArrayLike<number>,
  what = "bound",
): number {
  const length = dataOf(expected).length;
  if (typeof tolerances !== "number" && tolerances.length !== length) {
    throw new QuarkError(`${what}: ${tolerances.length} tolerances for ${length} elements`);
  }
  const toleranceAt = typeof tolerances === "number" ? () => tolerances : (index: number) => tolerances[index]!;
  return compare(what, actual, expected, (a, b, index) => {
    const tolerance = toleranceAt(index);
    // Where the expected value is not finite, no tolerance applies; elsewhere it has to be a number.
    if (!(tolerance >= 0)) throw new QuarkError(`${what}: the tolerance of element ${index} is ${tolerance}`);
    return ratio(Math.abs(a - b), tolerance);
  });
}

/** The distance from the float32 numbers just around `value` to the next: 2^(⌊log2 |value|⌋ − 23), at least 2⁻¹⁴⁹. */
export function ulpOf(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** -126) return 2 ** -149;
  scratch.setFloat64(0, magnitude);
  const exponent = (scratch.getUint32(0) >>> 20) & 2047;
  scratch.setFloat64(0, 0);
  scratch.setUint32(0, (exponent - 23) << 20);
  return scratch.getFloat64(0);
}

const scratch = new DataView(new ArrayBuffer(8));

function dataOf(numbers: Numbers): ArrayLike<number> {
  return "data" in numbers ? numbers.data : numbers;
}

function ratio(distance: number, allowed: number): number {
  return distance === 0 ? 0 : distance / allowed;
}

/** Throws where `distance` exceeds 1 at some element; otherwise returns its maximum. */
function compare(
  what: string,
  actual: Numbers,
  expected: Numbers,
  distance: (a: number, b: number, index: number) => number,
  range: (value: number) => number = (value) => value,
): number {
  const shape = "shape" in expected ? expected.shape : "shape" in actual ? actual.shape : undefined;
  if ("shape" in actual && "shape" in expected && actual.shape.join() !== expected.shape.join()) {
    throw new Mismatch(`${what}: got shape [${actual.shape.join(", ")}], expected [${expected.shape.join(", ")}]`);
  }
  const got = dataOf(actual);
  const wanted = dataOf(expected);
  if (got.length !== wanted.length) {
    throw new Mismatch(`${what}: got ${got.length} elements, expected ${wanted.length}`);
  }
  const wrong: string[] = [];
  let count = 0;
  let worst = 0;
  for (let index = 0; index < wanted.length; index++) {
    const a = got[index]!;
    const b = wanted[index]!;
    if (a === b && a !== 0) continue;
    let here: number;
    if (Number.isNaN(a) || Number.isNaN(b)) here = Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
    else if (Number.isFinite(range(a)) && Number.isFinite(range(b))) here = distance(a, b, index);
    else here = range(a) === range(b) ? 0 : Number.POSITIVE_INFINITY;
    if (here <= 1) {
      worst = Math.max(worst, here);
      continue;
    }
    count++;
    if (count <= 5) {
      const off = Number.isFinite(here) ? `, ${here.toPrecision(3)} times what is allowed` : "";
      wrong.push(`  at ${place(index, shape)}: got ${show(a)}, expected ${show(b)}${off}`);
    }
  }
  if (count === 0) return worst;
  const more = count > wrong.length ? `\n  and ${count - wrong.length} more` : "";
  throw new Mismatch(`${what}: ${count} of ${wanted.length} elements differ\n${wrong.join("\n")}${more}`);
}

function place(index: number, shape: Shape | undefined): string {
  if (!shape || shape.length < 2) return `${index}`;
  const position: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return `${index} [${position.join(", ")}]`;
}

function show(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (Number.isNaN(value) || Number.isInteger(value)) return `${value}`;
  return Math.fround(value) === value ? `${value} (${hex(value)})` : `${value}`;
}

function hex(value: number): string {
  scratch.setFloat32(0, value);
  return `0x${scratch.getUint32(0).toString(16).padStart(8, "0")}`;
}
