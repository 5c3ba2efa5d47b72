import type { Values } from "../../core/particle.ts";
import type { Nested } from "../../core/shape.ts";
import { bound } from "../numbers/compare.ts";
import { type Inputs, rounded, tensorsOf, valuesOf } from "../numbers/inputs.ts";
import type { Row } from "./claims.ts";
import { checkOutputs, tolerances } from "./nearness.ts";
import type { Subject } from "./subject.ts";

/** One row of the table of special values. */
export function checkRow(subject: Subject, row: Row<Record<string, 1>, unknown>): void {
  const { attributes, output, outputs, grad, grads, gradients } = row;
  const inputs: Inputs = {};
  for (const port in row.inputs) inputs[port] = rounded(valuesOf(row.inputs[port]!), subject.dtypeOf(port));
  const expected = valuesByName(outputs ?? { output: output! });
  checkOutputs(subject, subject.outputs(tensorsOf(inputs), attributes), inputs, attributes, "planted", expected);
  const named = grads ?? (grad === undefined ? undefined : { output: grad });
  if (!named || !gradients) return;
  const arriving = Object.fromEntries(
    Object.entries(valuesByName(named)).map(([name, values]) => [name, rounded(values, "float32")]),
  );
  const found = subject.gradients(inputs, attributes, arriving, Object.keys(gradients));
  for (const port in gradients) {
    const wanted = valuesOf(gradients[port]!);
    const actual = { shape: inputs[port]!.shape, data: found[port]! };
    bound(actual, wanted, tolerances(wanted.data, 1e-6, 0), `gradient of ${port}`);
  }
}

function valuesByName(given: Readonly<Record<string, Nested | Values>>): Record<string, Values> {
  return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, valuesOf(one)]));
}
