/** What must not influence a bit: the batch that a sample comes in, and the number of threads. */
import { scope } from "../../core/scope.ts";
import { setThreads, threadCount } from "../../engine/threads.ts";
import { bits, Mismatch } from "../numbers/compare.ts";
import { rowOf, tensorsOf } from "../numbers/inputs.ts";
import { randomIn } from "../numbers/values.ts";
import type { EveryCase } from "./cases.ts";
import type { Subject } from "./subject.ts";

/** Each sample of a batch alone gives the bits that it gives in the batch. */
export function checkBatch(subject: Subject, everyCase: EveryCase): void {
  const { claims } = subject;
  everyCase(["reals"], 3, (one) => {
    const { attributes } = one.sample;
    const inputs = subject.inputs(one);
    const batched = (claims.batch ?? []).filter((port) => inputs[port]);
    const whole = subject.outputs(tensorsOf(inputs), attributes);
    const samples = inputs[batched[0]!]!.shape[0]!;
    for (let index = 0; index < samples; index++) {
      const single = { ...inputs };
      for (const port of batched) single[port] = rowOf(inputs[port]!, index);
      for (const [name, alone] of Object.entries(subject.outputs(tensorsOf(single), attributes))) {
        const { data, size } = whole[name]!;
        const length = size / samples;
        const own = data.slice(index * length, (index + 1) * length);
        bits(alone.data, own, `${name} of sample ${index} of ${samples} alone`);
      }
    }
  });
}

/** Outputs and gradients of the large samples by one thread and by three. */
export async function checkThreads(subject: Subject): Promise<void> {
  const { particle, claims } = subject;
  const compute = () =>
    (claims.large ?? []).map((sample, index) => {
      const random = randomIn(index);
      return scope(() => {
        const inputs = subject.inputs({ sample, fill: "reals", seed: index }, true);
        const { attributes } = sample;
        const ports = particle.backward ? subject.differentiable(inputs) : [];
        const outputs = Object.entries(subject.outputs(tensorsOf(inputs), attributes));
        const made = Object.fromEntries(outputs.map(([name, { data }]) => [name, data.slice()]));
        const grad = subject.upstream(inputs, attributes, "reals", random);
        return { ...made, ...subject.gradients(inputs, attributes, grad, ports) };
      });
    });
  const before = threadCount();
  try {
    if (before !== 1) await setThreads(1);
    const alone = compute();
    const { threads, reason } = await setThreads(3);
    if (threads !== 3) throw new Mismatch(`three threads were asked for, ${threads} work: ${reason}`);
    for (const [index, results] of compute().entries()) {
      for (const [port, numbers] of Object.entries(results)) {
        const wanted = (alone[index] as Record<string, ArrayLike<number>>)[port]!;
        bits(numbers, wanted, `large sample ${index}, ${port} by three threads`);
      }
    }
  } finally {
    await setThreads(before);
  }
}
