/** What the caller handed over may change after the op returned: backward shall not notice. */
import { applied } from "../../core/apply.ts";
import { bits } from "../numbers/compare.ts";
import { tensorsOf } from "../numbers/inputs.ts";
import { randomIn } from "../numbers/values.ts";
import type { EveryCase } from "./cases.ts";
import { backwardOf, type Subject } from "./subject.ts";

/** Changes every array and record of the attributes after forward and expects the bits of an untouched backward. */
export function checkPrivacy(subject: Subject, everyCase: EveryCase): void {
  everyCase(["reals"], 10, (one) => {
    const { attributes } = one.sample;
    const inputs = subject.inputs(one, true);
    const ports = subject.differentiable(inputs);
    if (ports.length === 0) return;
    const grad = subject.upstream(inputs, attributes, "reals", randomIn(~one.seed));
    const expected = subject.gradients(inputs, attributes, grad, ports);
    const tensors = tensorsOf(inputs, ports);
    const handed = thawed(attributes);
    const record = { ...tensors };
    // A particle of its own has no plan yet, and so makes one of what is handed over.
    const outputs = applied(Object.create(subject.particle), record, handed);
    spoil(handed);
    for (const port in record) delete record[port];
    backwardOf(outputs, grad);
    for (const port of ports) {
      bits(tensors[port]!.grad!.data, expected[port]!, `gradient of ${port} after attributes were changed`);
    }
  });
}

/** A copy that can be changed. */
function thawed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(thawed);
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return (value as Float32Array).slice();
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, thawed(item)]));
}

/** Puts other values into every array and record. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    spoil(item);
    const holder = value as Record<string, unknown>;
    if (typeof item === "number") holder[name] = item + 1;
    else if (typeof item === "boolean") holder[name] = !item;
    else if (typeof item === "string") holder[name] = `${item}?`;
  }
  if (Array.isArray(value)) value.push(1);
}
