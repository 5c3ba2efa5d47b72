import { bits, bound, Mismatch } from "../numbers/compare.ts";
import { tensorsOf } from "../numbers/inputs.ts";
import { randomIn } from "../numbers/values.ts";
import type { EveryCase } from "./cases.ts";
import { backwardOf, type Subject } from "./subject.ts";

/** A second backward adds the same bits, and where zeros arrive the gradients are zeros. */
export function checkRepeats(subject: Subject, everyCase: EveryCase): void {
  everyCase(["reals"], 10, (one) => {
    const { attributes } = one.sample;
    const inputs = subject.inputs(one, true);
    const ports = subject.differentiable(inputs);
    const grad = subject.upstream(inputs, attributes, "reals", randomIn(~one.seed));
    const once = subject.gradients(inputs, attributes, grad, ports);
    const tensors = tensorsOf(inputs, ports);
    if (ports.length === 0) return;
    const outputs = subject.outputs(tensors, attributes);
    backwardOf(outputs, grad, { retainGraph: true });
    backwardOf(outputs, grad);
    for (const port of ports) {
      const twice = once[port]!.map((value) => 2 * value);
      bits(tensors[port]!.grad!.data, twice, `gradient of ${port} after a second backward`);
    }
    const zero = Object.fromEntries(
      Object.entries(grad).map(([name, values]) => [name, { ...values, data: new Float32Array(values.data.length) }]),
    );
    const none = subject.gradients(inputs, attributes, zero, ports);
    for (const port of ports) {
      const zeros = new Float32Array(none[port]!.length);
      bound(none[port]!, zeros, 0, `gradient of ${port} where zeros arrive`);
    }
  });
}

/** Without a backward, no output requires a gradient. */
export function checkNoGradient(subject: Subject, everyCase: EveryCase): void {
  everyCase(["reals"], 30, (one) => {
    const inputs = subject.inputs(one);
    const tensors = tensorsOf(inputs, subject.differentiable(inputs));
    const outputs = Object.values(subject.outputs(tensors, one.sample.attributes));
    if (outputs.some(({ requiresGrad }) => requiresGrad))
      throw new Mismatch("there is no backward, but the output requires a gradient");
  });
}
