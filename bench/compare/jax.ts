import { defaultDevice, init, type Array as Jax, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { type Engine, learningRate, type Work } from "./work.ts";

type Parameters = Record<string, Jax>;

const array = (data: Float32Array, shape: readonly number[]): Jax => np.array(data.slice()).reshape([...shape]);

function load(weights: Work["weights"]): Parameters {
  return Object.fromEntries(Object.entries(weights).map(([name, { data, shape }]) => [name, array(data, shape)]));
}

// Each use of an array consumes one reference; `.ref` adds one.
function layer(input: Jax, at: Parameters, name: string): Jax {
  return np.matmul(input, at[`${name}.weight`]!.transpose()).add(at[`${name}.bias`]!);
}

function perceptron(at: Parameters, rows: Jax): Jax {
  return layer(nn.relu(layer(rows, at, "fc1")), at, "fc2");
}

function sora(at: Parameters, images: Jax): Jax {
  const stage = (input: Jax, name: string, size: number, channels: number) => {
    const sums = lax.convGeneralDilated(input, at[`${name}.weight`]!, [1, 1], "SAME");
    const active = nn.relu(sums.add(at[`${name}.bias`]!.reshape([channels, 1, 1])));
    return active.reshape([-1, channels, size / 2, 2, size / 2, 2]).max([3, 5]);
  };
  return perceptron(at, stage(stage(images, "conv1", 28, 32), "conv2", 14, 64).reshape([-1, 3136]));
}

function training({ task, batch, weights, images, labels }: Work) {
  const forward = task === "mlp step" ? perceptron : sora;
  const input = array(images, task === "mlp step" ? [batch, 784] : [batch, 1, 28, 28]);
  const targets = nn.oneHot(np.array(labels.slice(), { dtype: np.int32 }), 10);
  const lossOf = (at: Parameters, x: Jax, y: Jax) =>
    nn
      .logSoftmax(forward(at, x), -1)
      .mul(y)
      .sum()
      .mul(-1 / batch);
  const step = jit((at: Parameters, m: Parameters, v: Parameters, scale: Jax, x: Jax, y: Jax) => {
    const [loss, grads] = valueAndGrad(lossOf)(tree.ref(at), x, y) as unknown as [Jax, Parameters];
    const next: Parameters[] = [{}, {}, {}];
    for (const name in at) {
      const grad = grads[name]!;
      const mean = m[name]!.mul(0.9).add(grad.ref.mul(0.1));
      const square = v[name]!.mul(0.999).add(grad.ref.mul(grad).mul(0.001));
      // The two corrections of Adam are folded into `scale` = [lr / (1 − β₁ᵗ), 1 / √(1 − β₂ᵗ)].
      const root = np.sqrt(square.ref).mul(scale.ref.slice(1)).add(1e-8);
      next[0]![name] = at[name]!.sub(mean.ref.mul(scale.ref.slice(0)).div(root));
      next[1]![name] = mean;
      next[2]![name] = square;
    }
    scale.dispose();
    return [loss, ...next];
  });
  const zeros = () =>
    Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, np.zeros([...shape])]));
  let state: Parameters[] = [load(weights), zeros(), zeros()];
  let count = 0;
  return async () => {
    count++;
    const scale = np.array(
      new Float32Array([learningRate.adam / (1 - 0.9 ** count), 1 / Math.sqrt(1 - 0.999 ** count)]),
    );
    const [loss, ...next] = step(state[0]!, state[1]!, state[2]!, scale, input.ref, targets.ref) as [
      Jax,
      ...Parameters[],
    ];
    state = next;
    return (await loss.data()) as Float32Array;
  };
}

function computing({ task, batch, weights, images }: Work): () => Promise<ArrayLike<number>> {
  if (task === "sora inference") {
    const at = load(weights);
    const input = array(images, [batch, 1, 28, 28]);
    const forward = jit(sora);
    return async () => (await forward(tree.ref(at), input.ref).data()) as Float32Array;
  }
  const [a, b] = Object.values(load(weights)) as [Jax, Jax];
  const compute: Partial<Record<Work["task"], () => Jax>> = {
    conv2d: () => lax.convGeneralDilated(a.ref, b.ref, [1, 1], "SAME"),
    matmul: () => np.matmul(a.ref, b.ref),
    sum: () => a.ref.sum(),
  };
  return async () => (await compute[task]!().data()) as Float32Array;
}

export const jax: Engine = {
  name: "jax-js 0.1.25",
  note: "its wasm backend, functions jitted; max pooling written as a maximum over a reshaped array; not run at batch 1000, where it takes half a minute",
  async start(work) {
    if (work.optimizer === "sgd" || work.batch > 64) return undefined;
    await init("wasm");
    defaultDevice("wasm");
    return { run: work.task.endsWith("step") ? training(work) : computing(work) };
  },
};
