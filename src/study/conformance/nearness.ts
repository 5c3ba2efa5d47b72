/**
 * How near values have to be. The tolerance of a sum of K products computed in float32, with S the same sum over
 * absolute values and u = 2⁻²⁴:
 *
 *   u·S·min(K + 3, 16 + 4√K) + ½ ulp + 2⁻¹⁴⁹
 *
 * The left branch is the proven worst case, the right one a statistical bound with room of a factor six or more. It
 * lets a wrong tap slip through where K is large, so half of the cases have small integers as inputs: with S < 2²⁴
 * every order of summation gives the exact integer.
 */
import { definedBy, definedInOne } from "../../core/defined.ts";
import type { Values } from "../../core/particle.ts";
import { costFor, shapesFor } from "../../core/plans.ts";
import { type Shape, show } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { bits, bound, Mismatch, ulp, ulpOf } from "../numbers/compare.ts";
import { allChanged, type Inputs, shapesOf } from "../numbers/inputs.ts";
import type { Fill } from "../numbers/values.ts";
import type { Subject } from "./subject.ts";

/** Holds the outputs to their definition, or to what is given instead, and their shapes to the shape rule. */
export function checkOutputs(
  subject: Subject,
  outputs: Readonly<Record<string, Tensor>>,
  inputs: Inputs,
  attributes: unknown,
  fill: Fill,
  given?: Readonly<Record<string, Values>>,
): void {
  const { particle } = subject;
  const shapes = shapesFor(particle, shapesOf(inputs), attributes);
  const { flops, bytes } = costFor(particle, shapesOf(inputs), attributes);
  if (!(flops >= 0 && bytes >= 0)) throw new Mismatch(`cost: got ${flops} flops and ${bytes} bytes`);
  const defined = given ?? valuesOf(definedBy(particle, inputs, attributes), shapes);
  for (const [what, output] of Object.entries(outputs)) {
    const shape = shapes[what]!;
    if (show(output.shape) !== show(shape)) {
      throw new Mismatch(`the ${what} has shape ${show(output.shape)}, the shape rule says ${show(shape)}`);
    }
    if (defined[what]) checkOutput(subject, what, output, defined[what], inputs, attributes, fill);
  }
}

/** The state after forward, as the particle defines it; as it was where it is not updated. */
export function checkState(
  subject: Subject,
  tensors: Readonly<Record<string, Tensor>>,
  inputs: Inputs,
  attributes: unknown,
): void {
  const { particle, claims } = subject;
  const { accuracy } = claims;
  const { relative, absolute = 1e-6 } =
    typeof accuracy === "object" && "relative" in accuracy ? accuracy : { relative: 1e-5 };
  const after = (particle.stateAfter?.(inputs, attributes) ?? {}) as Record<string, ArrayLike<number>>;
  for (const port of (particle.state ?? []) as readonly string[]) {
    const tensor = tensors[port];
    if (!tensor) continue;
    const expected = after[port];
    if (!expected) bits(tensor.data, inputs[port]!.data, `the state ${port}, which is not updated`);
    else bound(tensor.data, expected, tolerances(expected, relative, absolute), `the state ${port}`);
  }
}

function valuesOf(
  defined: Readonly<Record<string, ArrayLike<number>>>,
  shapes: Readonly<Record<string, Shape>>,
): Record<string, Values> {
  return Object.fromEntries(Object.entries(defined).map(([name, data]) => [name, { shape: shapes[name]!, data }]));
}

function checkOutput(
  subject: Subject,
  what: string,
  output: Tensor,
  expected: Values,
  inputs: Inputs,
  attributes: unknown,
  fill: Fill,
): void {
  const { accuracy = { relative: 1e-5, absolute: 1e-6 } } = subject.claims;
  if (accuracy === "exact" || output.dtype !== "float32") bits(output, expected, what);
  else if (accuracy === "sums")
    bound(output, expected, sumTolerances(subject, expected, inputs, attributes, fill), what);
  else if (typeof accuracy === "function") bound(output, expected, accuracy(inputs, attributes, expected.data), what);
  else if ("ulp" in accuracy) ulp(output, expected, accuracy.ulp, what);
  else bound(output, finite(expected), tolerances(expected.data, accuracy.relative, accuracy.absolute ?? 0), what);
}

/** What rounds to no finite float32 is infinite. */
function finite({ shape, data }: Values): Values {
  return {
    shape,
    data: Float64Array.from(data, (value) => (Number.isFinite(Math.fround(value)) ? value : Math.fround(value))),
  };
}

function sumTolerances(
  subject: Subject,
  expected: Values,
  inputs: Inputs,
  attributes: unknown,
  fill: Fill,
): number | Float64Array {
  const { particle, claims } = subject;
  const sums = definedInOne(particle, allChanged(inputs, Math.abs), attributes);
  if (fill === "integers" && (claims.exactIntegers ?? true) && exactIn(expected.data, sums)) return 0;
  const ones = () => 1;
  const counts = claims.terms ? undefined : definedInOne(particle, allChanged(inputs, ones), attributes);
  const all = claims.terms?.(shapesOf(inputs), attributes) ?? 0;
  return Float64Array.from(expected.data, (value, index) =>
    sumTolerance(subject, sums[index]!, counts ? counts[index]! : all, value),
  );
}

/** For a sum of `terms` products whose absolute values add up to `scale`. */
export function sumTolerance({ claims: { slack = 1 } }: Subject, scale: number, terms: number, value: number): number {
  const steps = Math.min(terms + 3, 16 + 4 * Math.sqrt(Math.max(terms, 1)));
  return slack * 2 ** -24 * scale * Math.max(steps, 4) + ulpOf(value) / 2 + 2 ** -149;
}

/** Whether all values are integers, and so are the partial sums in any order. */
export function exactIn(values: ArrayLike<number>, sums: ArrayLike<number>): boolean {
  for (let index = 0; index < values.length; index++) {
    if (!Number.isInteger(values[index]!) || !(sums[index]! < 2 ** 24)) return false;
  }
  return true;
}

export function tolerances(expected: ArrayLike<number>, relative: number, absolute: number): Float64Array {
  return Float64Array.from(expected, (value) => relative * Math.abs(value) + absolute);
}
