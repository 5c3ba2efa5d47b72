import { apply } from "../../core/apply.ts";
import type { Row } from "./claims.ts";
import { bound } from "./compare.ts";
import { type Inputs, rounded, tensorsOf, valuesOf } from "./inputs.ts";
import { checkOutput, tolerances } from "./nearness.ts";
import type { Subject } from "./subject.ts";

/** One row of the table of special values. */
export function checkRow(subject: Subject, row: Row<Record<string, 1>, unknown>): void {
  const { particle } = subject;
  const { attributes, grad, gradients } = row;
  const inputs: Inputs = {};
  for (const port in row.inputs) inputs[port] = rounded(valuesOf(row.inputs[port]!), subject.dtypeOf(port));
  const output = apply(particle, tensorsOf(inputs), attributes);
  checkOutput(subject, output, inputs, attributes, "planted", valuesOf(row.output));
  if (grad === undefined || !gradients) return;
  const arriving = rounded(valuesOf(grad), "float32");
  const found = subject.gradients(inputs, attributes, arriving, Object.keys(gradients));
  for (const port in gradients) {
    const wanted = valuesOf(gradients[port]!);
    const actual = { shape: inputs[port]!.shape, data: found[port]! };
    bound(actual, wanted, tolerances(wanted.data, 1e-6, 0), `gradient of ${port}`);
  }
}
