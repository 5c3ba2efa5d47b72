import { apply } from "../../core/apply.ts";
import type { EveryCase } from "./cases.ts";
import { bits } from "./compare.ts";
import { tensorsOf } from "./inputs.ts";
import { checkOutput } from "./nearness.ts";
import type { Subject } from "./subject.ts";
import type { Fill } from "./values.ts";

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
    const output = subject.watched(tensors, () => apply(subject.particle, tensors, attributes));
    checkOutput(subject, output, inputs, attributes, one.fill);
    const recorded = apply(subject.particle, tensorsOf(inputs, subject.differentiable(inputs)), attributes);
    bits(recorded.data, output.data.slice(), "the output when it is computed again, with a history");
  });
}
