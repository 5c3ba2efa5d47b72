import {
  conv2d,
  crossEntropy,
  manualSeed,
  matmul,
  nn,
  noGrad,
  optim,
  relu,
  reshape,
  Sora,
  scope,
  sum,
  tensor,
  tensorSha256,
  weightsSha256,
} from "../../src/index.ts";
import { type Engine, learningRate, momentum, type Running, type Values, type Work } from "./work.ts";

/** The multi-layer perceptron 784-128-10. */
export class Perceptron extends nn.Module {
  readonly fc1 = new nn.Linear(784, 128);
  readonly fc2 = new nn.Linear(128, 10);

  forward(images: ReturnType<typeof tensor>) {
    return this.fc2.forward(relu(this.fc1.forward(reshape(images, [images.shape[0]!, 784]))));
  }
}

/** The weights that all engines start from: those of `manualSeed(0)`. */
export function startingWeights(model: "sora" | "mlp"): Record<string, Values> {
  manualSeed(0);
  const made = model === "sora" ? new Sora() : new Perceptron();
  return Object.fromEntries(
    Object.entries(made.stateDict()).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
  );
}

const load = ({ shape, data }: Values) => reshape(tensor(data), shape).keep();

function modelOf({ task, weights }: Work) {
  const model = task === "mlp step" ? new Perceptron() : new Sora();
  model.loadStateDict(weights);
  return model;
}

function training(work: Work): Running {
  const model = modelOf(work);
  const parameters = [...model.parameters()];
  const optimizer =
    work.optimizer === "sgd"
      ? new optim.SGD(parameters, { lr: learningRate.sgd, momentum })
      : new optim.Adam(parameters, { lr: learningRate.adam });
  const images = load({ shape: [work.batch, 1, 28, 28], data: work.images });
  const labels = tensor(work.labels).keep();
  return {
    run: () =>
      scope(() => {
        optimizer.zeroGrad();
        const loss = crossEntropy(model.forward(images), labels);
        loss.backward();
        optimizer.step();
        return [loss.item()];
      }),
    hash: () => weightsSha256(model),
  };
}

function computing(compute: () => ReturnType<typeof tensor>): Running {
  const once = <T>(read: (output: ReturnType<typeof tensor>) => T) => noGrad(() => scope(() => read(compute())));
  return { run: () => once(({ data }) => data.slice()), hash: () => once(tensorSha256) };
}

export const quarkgrad: Engine = {
  name: "quarkgrad",
  note: "through the public API; memory managed by scope()",
  async start(work) {
    const { task, weights, batch } = work;
    if (task === "sora step" || task === "mlp step") return training(work);
    if (task === "sora inference") {
      const model = modelOf(work);
      const images = load({ shape: [batch, 1, 28, 28], data: work.images });
      return computing(() => model.forward(images));
    }
    const [a, b] = Object.values(weights).map(load);
    if (task === "conv2d") return computing(() => conv2d(a!, b!, undefined, { padding: 1 }));
    if (task === "matmul") return computing(() => matmul(a!, b!));
    return computing(() => sum(a!));
  },
};
