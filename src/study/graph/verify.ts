/** Proves that a graph computes what its model computes, or says where they part. */
import { noGrad } from "../../core/recording.ts";
import { scope } from "../../core/scope.ts";
import { type Shape, sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Module } from "../../nn/module.ts";
import { decompose, tensorsIn } from "./decompose.ts";
import type { ParticleGraph } from "./graph.ts";

/** What `verify` found. */
export interface Verification {
  /** Whether every output has the same bits (any NaN equals any NaN). */
  readonly equal: boolean;
  /** The first particle whose value differs, where the graph still has the model's ids. */
  readonly firstDifference:
    | { readonly id: string; readonly index: number; readonly model: number; readonly graph: number }
    | undefined;
  /** The largest absolute difference of an output; Infinity where shapes differ. */
  readonly largestDifference: number;
  /** The number of output values that were compared. */
  readonly compared: number;
}

/**
 * Runs `model` and `graph` on the same inputs and compares the outputs bit for bit. Where they differ (the graph was
 * edited, or the model trained on), the model is taken apart once more to name the first particle whose value is not
 * the same.
 */
export function verify(model: Module, graph: ParticleGraph, inputs: Tensor | readonly Tensor[]): Verification {
  const given = Array.isArray(inputs) ? (inputs as readonly Tensor[]) : [inputs as Tensor];
  return noGrad(() =>
    scope(() => {
      const expected = tensorsIn(model.forward(...given));
      const actual = graph.runAll(given);
      const sameCount = expected.length === actual.length;
      const differences = expected.map((tensor, index) => difference(tensor, actual[index]));
      const equal = sameCount && differences.every((found) => found === undefined);
      return {
        equal,
        firstDifference: equal ? undefined : firstDifference(model, graph, given),
        largestDifference: sameCount
          ? Math.max(0, ...differences.map((found) => found?.largest ?? 0))
          : Number.POSITIVE_INFINITY,
        compared: expected.reduce((sum, tensor) => sum + tensor.size, 0),
      };
    }, "verification"),
  );
}

function firstDifference(
  model: Module,
  graph: ParticleGraph,
  inputs: readonly Tensor[],
): Verification["firstDifference"] {
  const own = new Map<string, { shape: Shape; data: ArrayLike<number> }>();
  decompose(model, inputs).run(inputs, (_, value, name) =>
    own.set(name, { shape: value.shape, data: value.data.slice() }),
  );
  let found: Verification["firstDifference"];
  graph.run(inputs, ({ id }, value, name) => {
    const expected = own.get(name);
    if (found || !expected) return;
    const at = difference(expected, value);
    if (at)
      found = {
        id,
        index: at.index,
        model: expected.data[at.index] ?? Number.NaN,
        graph: value.data[at.index] ?? Number.NaN,
      };
  });
  return found;
}

interface Numbers {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** Where the bits of two values first differ, and by how much at most. −0 and +0 differ; NaN equals NaN. */
function difference(expected: Numbers, actual: Numbers | undefined): { index: number; largest: number } | undefined {
  if (!actual || !sameShape(expected.shape, actual.shape)) return { index: 0, largest: Number.POSITIVE_INFINITY };
  const [a, b] = [expected.data, actual.data];
  let index = -1;
  let largest = 0;
  for (let at = 0; at < a.length; at++) {
    if (Object.is(a[at], b[at])) continue;
    if (index < 0) index = at;
    const distance = Math.abs(a[at]! - b[at]!);
    largest = Math.max(largest, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
  }
  return index < 0 ? undefined : { index, largest };
}
