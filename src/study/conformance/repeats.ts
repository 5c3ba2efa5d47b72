import { apply } from "../../core/apply.ts";
import { backward } from "../../core/backward.ts";
import type { EveryCase } from "./cases.ts";
import { bits, bound, Mismatch } from "./compare.ts";
import { tensorOf, tensorsOf } from "./inputs.ts";
import type { Subject } from "./subject.ts";
import { randomIn } from "./values.ts";

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
    const output = apply(subject.particle, tensors, attributes);
    backward(output, tensorOf(grad), { retainGraph: true });
    backward(output, tensorOf(grad));
    for (const port of ports) {
      const twice = once[port]!.map((value) => 2 * value);
      bits(tensors[port]!.grad!.data, twice, `gradient of ${port} after a second backward`);
    }
    const zero = { ...grad, data: new Float32Array(grad.data.length) };
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
    const output = apply(subject.particle, tensorsOf(inputs, subject.differentiable(inputs)), one.sample.attributes);
    if (output.requiresGrad) throw new Mismatch("there is no backward, but the output requires a gradient");
  });
}
