import { backward } from "../../core/backward.ts";
import { scope } from "../../core/scope.ts";
import { watchRequests } from "../../engine/requests.ts";
import { checkMemory, memory } from "../../engine/storage.ts";
import { MemoryError } from "../../errors.ts";
import { Mismatch } from "../numbers/compare.ts";
import { tensorOf, tensorsOf } from "../numbers/inputs.ts";
import { randomIn } from "../numbers/values.ts";
import { describeSample } from "./cases.ts";
import type { AnySample } from "./claims.ts";
import type { Subject } from "./subject.ts";

/** Lets the first request for memory fail, then the second, and so on until nothing fails any more. */
export function checkExhaustion(subject: Subject, samples: readonly AnySample[]): void {
  for (const sample of samples) {
    const { attributes } = sample;
    const inputs = subject.inputs({ sample, fill: "reals", seed: 1 }, true);
    const ports = subject.particle.backward ? subject.differentiable(inputs) : [];
    const upstream = subject.upstream(inputs, attributes, "reals", randomIn(1));
    for (let request = 1, failed = true; failed; request++) {
      const before = memory();
      // What is derived from an input lives as long as it, so the inputs are new each time.
      failed = scope(() => {
        const tensors = tensorsOf(inputs, ports);
        const grads = Object.values(upstream).map((values) => tensorOf(values));
        const { asked, error } = watchRequests(() => {
          const outputs = subject.outputs(tensors, attributes);
          const reached = Object.keys(upstream).map((name) => outputs[name]!);
          if (reached.some(({ requiresGrad }) => requiresGrad)) backward(reached, grads);
        }, request);
        if (error !== undefined && !(error instanceof MemoryError)) throw error;
        const refused = asked >= request;
        if (refused && Object.values(tensors).some((tensor) => tensor.grad)) {
          throw new Mismatch(`there is a gradient although allocation ${request} failed: ${describeSample(sample)}`);
        }
        return refused;
      });
      const kept = memory().liveBlocks - before.liveBlocks;
      if (kept !== 0) {
        throw new Mismatch(`${kept} blocks stay after allocation ${request} failed: ${describeSample(sample)}`);
      }
      checkMemory();
    }
  }
}
