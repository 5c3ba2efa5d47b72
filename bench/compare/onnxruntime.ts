import * as ort from "onnxruntime-web";
import { soraOnnx } from "./onnx.ts";
import type { Engine } from "./work.ts";

ort.env.wasm.numThreads = 1;

export const onnxruntime: Engine = {
  name: `onnxruntime-web ${ort.env.versions.web ?? ""}`.trim(),
  note: "wasm, one thread, the ONNX graph fused by its own optimiser; cannot train (its training build was withdrawn)",
  async start({ task, batch, weights, images }) {
    if (task !== "sora inference") return undefined;
    const { Worker } = globalThis;
    const session = await ort.InferenceSession.create(soraOnnx(weights), {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
    });
    // It leaves a global Worker behind, at whose sight jax-js takes its own memory for shared and fails.
    globalThis.Worker = Worker;
    const feeds = { images: new ort.Tensor("float32", images, [batch, 1, 28, 28]) };
    return {
      run: async () => {
        const { logits } = await session.run(feeds);
        return logits!.data as Float32Array;
      },
    };
  },
};
