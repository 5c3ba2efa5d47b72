/** Trains Sora beside the page: the program of the README, with an ear for the page between two steps. */
import {
  argmax,
  crossEntropy,
  data,
  flatten,
  manualSeed,
  nn,
  noGrad,
  optim,
  readSafetensors,
  Sora,
  scope,
  setThreads,
  type Tensor,
  weightsSha256,
  writeSafetensors,
} from "quarkgrad";
import { digits } from "../work/data.ts";
import type { Told, TrainOptions, Wish } from "./messages.ts";

class SoraWithDropout extends Sora {
  readonly dropout: nn.Dropout;

  constructor(p: number) {
    super();
    this.dropout = new nn.Dropout(p);
  }

  override forward(images: Tensor): Tensor {
    const edges = this.pool.forward(this.relu.forward(this.conv1.forward(images)));
    const shapes = this.pool.forward(this.relu.forward(this.conv2.forward(edges)));
    const features = this.relu.forward(this.fc1.forward(flatten(shapes, 1)));
    return this.fc2.forward(this.dropout.forward(features));
  }
}

/** The step that training may go on to, and who waits for that to change. */
let goal = 0;
let wake: () => void = () => undefined;
let model: Sora | undefined;
let optimizer: optim.Adam | undefined;
let step = 0;

function tell(told: Told): void {
  postMessage(told);
}

async function train({ base, seed, rate, batchSize, images: count, dropout, threads }: TrainOptions): Promise<void> {
  const [whole, test] = await Promise.all([digits(base, "train"), digits(base, "test")]);
  const runtime = await setThreads(threads);
  manualSeed(seed);
  model = dropout > 0 ? new SoraWithDropout(dropout) : new Sora();
  optimizer = new optim.Adam(model.parameters(), { lr: rate });
  tell({ kind: "ready", threads: runtime.threads, reason: runtime.reason, parameters: 421642 });
  const loader = new data.DataLoader(new data.Subset(whole, count), { batchSize, shuffle: true });
  for (let epoch = 1; ; epoch++) {
    for (const { images, labels } of loader) {
      while (step >= goal) {
        tell({ kind: "resting", step, sha256: weightsSha256(model) });
        await new Promise<void>((resolve) => (wake = resolve));
      }
      const began = performance.now();
      optimizer.zeroGrad();
      const scores = model.forward(images);
      const loss = crossEntropy(scores, labels);
      loss.backward();
      optimizer.step();
      step++;
      const best = noGrad(() => argmax(scores, 1).data.slice());
      const right = best.filter((digit, at) => digit === labels.data[at]).length;
      tell({
        kind: "step",
        step,
        epoch,
        loss: loss.item(),
        accuracy: right / labels.size,
        milliseconds: performance.now() - began,
        ...(step % 10 === 1 && { layers: layersOf(model) }),
        ...(step % 20 === 0 && { test: measured(model, test) }),
      });
      // Lets the page's wishes in.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
}

/** How large the weights of each layer are, and the gradients that came to them. */
function layersOf(of: Sora) {
  return [...of.namedParameters()].map(([name, parameter]) => ({
    name,
    weights: norm(parameter.data),
    gradient: parameter.grad ? norm(parameter.grad.data) : 0,
  }));
}

function norm(numbers: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < numbers.length; at++) sum += numbers[at]! * numbers[at]!;
  return Math.sqrt(sum);
}

function measured(of: Sora, test: data.ImageDataset) {
  of.eval();
  let right = 0;
  let loss = 0;
  noGrad(() => {
    for (let start = 0; start < test.length; start += 100) {
      scope(() => {
        const { images, labels } = test.batch(Int32Array.from({ length: 100 }, (_, index) => start + index));
        const scores = of.forward(images);
        loss += crossEntropy(scores, labels).item() * 100;
        right += argmax(scores, 1).data.filter((digit, at) => digit === labels.data[at]).length;
      });
    }
  });
  of.train();
  return { loss: loss / test.length, accuracy: right / test.length };
}

const wishes: { readonly [Kind in Wish["kind"]]: (wish: Extract<Wish, { kind: Kind }>) => void } = {
  train: ({ options }) => {
    train(options).catch((error) => tell({ kind: "failed", message: String(error?.message ?? error) }));
  },
  goTo: ({ step: wanted }) => {
    goal = wanted ?? step;
    wake();
  },
  rate: ({ rate }) => {
    for (const group of optimizer?.paramGroups ?? []) group.lr = rate;
  },
  save: () => {
    if (model)
      tell({ kind: "weights", step, sha256: weightsSha256(model), bytes: writeSafetensors(model.stateDict()) });
  },
  load: ({ bytes }) => {
    try {
      model?.loadStateDict(readSafetensors(bytes).tensors);
      if (model) tell({ kind: "resting", step, sha256: weightsSha256(model) });
    } catch (error) {
      tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  },
};

addEventListener("message", ({ data: wish }: MessageEvent<Wish>) => wishes[wish.kind](wish as never));
