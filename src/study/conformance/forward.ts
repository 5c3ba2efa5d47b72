import { bits } from "../numbers/compare.ts";
import { tensorsOf } from "../numbers/inputs.ts";
import type { Fill } from "../numbers/values.ts";
import type { EveryCase } from "./cases.ts";
import { checkOutputs, checkState } from "./nearness.ts";
import type { Subject } from "./subject.ts";

/** The output against the definition; no input changes; computed again, with a history, it has the same bits. */
export function checkForward(subject: Subject, everyCase: EveryCase): void {
  const { accuracy, plantIn } = subject.claims;
  const fills: Fill[] = ["integers", "integers", "integers", "reals", "reals", "powers"];
  if (accuracy === "exact" || (typeof accuracy === "object" && "ulp" in accuracy)) fills.push("patterns", "patterns");
  if (!plantIn || plantIn.length > 0) fills.push("planted");
  everyCase(fills, 1, (one) => {
    const { attributes } = one.sample;
    const inputs = subject.inputs(one);
    const tensors = tensorsOf(inputs);
    const outputs = subject.watched(tensors, () => subject.outputs(tensors, attributes));
    checkOutputs(subject, outputs, inputs, attributes, one.fill);
    checkState(subject, tensors, inputs, attributes);
    const recorded = subject.outputs(tensorsOf(inputs, subject.differentiable(inputs)), attributes);
    for (const name in outputs) {
      bits(recorded[name]!.data, outputs[name]!.data.slice(), `${name} when it is computed again, with a history`);
    }
  });
}
