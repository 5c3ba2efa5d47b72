import convnetjs from "convnetjs";
import { type Engine, learningRate, momentum, permuted, type Values, type Work } from "./work.ts";

const layers = [
  { type: "input", out_sx: 28, out_sy: 28, out_depth: 1 },
  { type: "conv", sx: 3, filters: 32, stride: 1, pad: 1, activation: "relu" },
  { type: "pool", sx: 2, stride: 2 },
  { type: "conv", sx: 3, filters: 64, stride: 1, pad: 1, activation: "relu" },
  { type: "pool", sx: 2, stride: 2 },
  { type: "fc", num_neurons: 128, activation: "relu" },
  { type: "softmax", num_classes: 10 },
];

/** Filters are volumes with the channel as the last axis: OIHW becomes OHWI, and fc1's columns C·H·W become H·W·C. */
function load(
  net: { layers: { layer_type: string; filters: { w: Float64Array }[]; biases: { w: Float64Array } }[] },
  { weights }: Work,
) {
  const trainable = net.layers.filter(({ layer_type }) => layer_type === "conv" || layer_type === "fc");
  for (const [index, name] of ["conv1", "conv2", "fc1", "fc2"].entries()) {
    const { shape, data } = weights[`${name}.weight`] as Values;
    const seen = name === "fc1" ? [128, 64, 7, 7] : shape;
    const values = seen.length === 4 ? permuted(data, seen, [0, 2, 3, 1]) : data;
    const { filters, biases } = trainable[index]!;
    const size = data.length / filters.length;
    for (const [at, filter] of filters.entries()) filter.w.set(values.subarray(at * size, (at + 1) * size));
    biases.w.set(weights[`${name}.bias`]!.data);
  }
}

export const convnet: Engine = {
  name: "ConvNetJS 0.3.0",
  note: "plain JavaScript in float64, one image after the other; has no Adam, so its step is SGD with momentum",
  async start(work) {
    const { task, batch, optimizer } = work;
    if (task !== "sora inference" && !(task === "sora step" && optimizer === "sgd")) return undefined;
    if (batch > 64) return undefined;
    const net = new convnetjs.Net();
    net.makeLayers(structuredClone(layers));
    load(net, work);
    const images = Array.from({ length: batch }, (_, at) => {
      const image = new convnetjs.Vol(28, 28, 1, 0);
      image.w.set(work.images.subarray(at * 784, (at + 1) * 784));
      return image;
    });
    if (task === "sora inference") {
      // The layer before the softmax holds the logits.
      const logits = () => net.layers.at(-2).out_act.w as Float64Array;
      return {
        run: () =>
          images.flatMap((image) => {
            net.forward(image, false);
            return [...logits()];
          }),
      };
    }
    const trainer = new convnetjs.Trainer(net, {
      method: "sgd",
      learning_rate: learningRate.sgd,
      momentum,
      batch_size: batch,
      l1_decay: 0,
      l2_decay: 0,
    });
    return {
      run: () => [images.reduce((total, image, at) => total + trainer.train(image, work.labels[at]).loss, 0) / batch],
    };
  },
};
