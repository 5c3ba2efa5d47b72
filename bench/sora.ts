/** Sora as a whole, and a single op on a single number. */
import type { Application } from "../src/core/observe.ts";
import { crossEntropy, noGrad, ones, optim, rand, randint, relu, Sora, scope } from "../src/index.ts";
import { seenIn } from "./subjects.ts";

const images = (batch: number) => rand([batch, 1, 28, 28]);
const labels = (batch: number) => randint(10, [batch]);

/** Every application in a training step of Sora: observed, not listed. */
export function soraApplications(batch: number): Application[] {
  const model = new Sora();
  return seenIn(() => crossEntropy(model.forward(images(batch)), labels(batch)));
}

/** A training step of Sora, batch 64, Adam, as a user writes it. */
export function trainingStep(batch: number): { step: () => void; update: () => void } {
  const model = new Sora();
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  const input = images(batch).keep();
  const target = labels(batch).keep();
  const step = () =>
    scope(() => {
      optimizer.zeroGrad();
      crossEntropy(model.forward(input), target).backward();
      optimizer.step();
    });
  return { step, update: () => optimizer.step() };
}

export function inference(batch: number): () => void {
  const model = new Sora();
  const input = images(batch).keep();
  return () => noGrad(() => scope(() => void model.forward(input)));
}

/** One application of an op to one number: what the engine costs above its kernels. */
export function overhead(recorded: boolean): () => void {
  const input = ones([1]).keep();
  input.requiresGrad = recorded;
  const once = () => relu(input).dispose();
  return recorded ? once : () => noGrad(once);
}
