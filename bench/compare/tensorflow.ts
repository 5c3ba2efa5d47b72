import { createRequire } from "node:module";
import type * as Wasm from "@tensorflow/tfjs-backend-wasm";
import type * as TensorFlow from "@tensorflow/tfjs-core";
import { type Engine, learningRate, momentum, permuted, transposed, type Values, type Work } from "./work.ts";

// All three as CommonJS, so that they share one engine.
const require = createRequire(import.meta.url);
const tf: typeof TensorFlow = require("@tensorflow/tfjs-core");
// The gradients are not part of the main file; they find its engine through a global.
require("@tensorflow/tfjs-core/dist/register_all_gradients");
require("@tensorflow/tfjs-backend-cpu");
const { setThreadsCount }: typeof Wasm = require("@tensorflow/tfjs-backend-wasm");
setThreadsCount(1);
tf.enableProdMode();

type Tensor = TensorFlow.Tensor;

/** Weights in TensorFlow's layouts: HWIO for filters, [in, out] for matrices, rows of fc1 as H·W·C. */
function load(weights: Work["weights"]): Record<string, Tensor> {
  const made: Record<string, Tensor> = {};
  for (const [name, { shape, data }] of Object.entries(weights)) {
    if (shape.length === 4) {
      const [O, I, H, W] = shape as [number, number, number, number];
      made[name] = tf.tensor(permuted(data, shape, [2, 3, 1, 0]), [H, W, I, O]);
    } else if (shape.length === 2) {
      const [rows, columns] = shape as [number, number];
      const ordered = columns === 3136 ? permuted(data, [rows, 64, 7, 7], [0, 2, 3, 1]) : data;
      made[name] = tf.tensor(transposed({ shape, data: ordered }, rows, columns), [columns, rows]);
    } else made[name] = tf.tensor(data, [...shape]);
  }
  return made;
}

function sora(at: Record<string, Tensor>, images: Tensor): Tensor {
  const stage = (input: Tensor, name: string) =>
    tf.maxPool(
      tf.fused.conv2d({
        x: input as TensorFlow.Tensor4D,
        filter: at[`${name}.weight`] as TensorFlow.Tensor4D,
        bias: at[`${name}.bias`]!,
        strides: 1,
        pad: "same",
        activation: "relu",
      }) as TensorFlow.Tensor4D,
      2,
      2,
      "valid",
    );
  return perceptron(at, tf.reshape(stage(stage(images, "conv1"), "conv2"), [images.shape[0]!, 3136]));
}

function perceptron(at: Record<string, Tensor>, rows: Tensor): Tensor {
  const layer = (input: Tensor, name: string, activation: "relu" | "linear") =>
    tf.fused.matMul({
      a: input as TensorFlow.Tensor2D,
      b: at[`${name}.weight`] as TensorFlow.Tensor2D,
      bias: at[`${name}.bias`]!,
      activation,
    });
  return layer(layer(rows, "fc1", "relu"), "fc2", "linear");
}

function training(work: Work) {
  const { task, batch, optimizer } = work;
  const values = load(work.weights);
  const variables = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tf.variable(value)]));
  const images =
    task === "mlp step" ? tf.tensor(work.images, [batch, 784]) : tf.tensor(work.images, [batch, 28, 28, 1]);
  const targets = tf.oneHot(tf.tensor1d(work.labels, "int32"), 10);
  const rule =
    optimizer === "sgd"
      ? tf.train.momentum(learningRate.sgd, momentum)
      : tf.train.adam(learningRate.adam, 0.9, 0.999, 1e-8);
  const forward = task === "mlp step" ? perceptron : sora;
  return () => {
    const loss = rule.minimize(
      () => tf.losses.softmaxCrossEntropy(targets, forward(variables, images)) as TensorFlow.Scalar,
      true,
      Object.values(variables),
    )!;
    const value = loss.dataSync();
    loss.dispose();
    return value;
  };
}

/** The numbers are read outside of `tidy`, which would search what it returns, number by number, for tensors. */
function reading(compute: () => Tensor): () => ArrayLike<number> {
  return () => {
    const output = tf.tidy(compute);
    const data = output.dataSync();
    output.dispose();
    return data;
  };
}

function computing(work: Work): () => ArrayLike<number> {
  const { task, batch } = work;
  if (task === "sora inference") {
    const weights = load(work.weights);
    const images = tf.tensor(work.images, [batch, 28, 28, 1]);
    return reading(() => sora(weights, images));
  }
  const [a, b] = Object.values(work.weights) as [Values, Values];
  if (task === "conv2d") {
    const input = tf.tensor4d(permuted(a.data, a.shape, [0, 2, 3, 1]), [64, 14, 14, 32]);
    const filter = tf.tensor4d(permuted(b.data, b.shape, [2, 3, 1, 0]), [3, 3, 32, 64]);
    return reading(() => tf.conv2d(input, filter, 1, "same"));
  }
  if (task === "matmul") {
    const left = tf.tensor2d(a.data, a.shape as [number, number]);
    const right = tf.tensor2d(b.data, b.shape as [number, number]);
    return reading(() => tf.matMul(left, right));
  }
  const values = tf.tensor1d(a.data);
  return reading(() => tf.sum(values));
}

function tensorflow(backend: "wasm" | "cpu", note: string, can: (work: Work) => boolean): Engine {
  return {
    name: `TensorFlow.js ${tf.version_core} ${backend}`,
    note,
    async start(work) {
      if (!can(work)) return undefined;
      await tf.setBackend(backend);
      await tf.ready();
      const run = work.task.endsWith("step") ? training(work) : computing(work);
      const prepare = () => tf.setBackend(backend);
      if (work.task !== "conv2d") return { prepare, run };
      return { prepare, run, read: (result) => permuted(result as Float32Array, [64, 14, 14, 64], [0, 3, 1, 2]) };
    },
  };
}

export const tensorflowWasm = tensorflow(
  "wasm",
  "one thread, NHWC as it wants it; has no gradient of a convolution's filter (Conv2DBackpropFilter), so it cannot train Sora",
  ({ task }) => task !== "sora step",
);
export const tensorflowCpu = tensorflow(
  "cpu",
  "plain JavaScript; not run where it takes more than some seconds",
  (work) => (work.task === "sora step" ? work.optimizer === "adam" : work.batch <= 64),
);
