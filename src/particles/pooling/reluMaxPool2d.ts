import { apply } from "../../core/apply.ts";
import { readOptions } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels as activations } from "../../engine/generated/activation.ts";
import { parallel } from "../../engine/parallel.ts";
import {
  isWide,
  type MaxPool2dAttributes,
  type MaxPool2dOptions,
  maximaOf,
  maxPool2dOptions,
  poolMaxima,
  spreadMaxima,
} from "./how/maxPooling.ts";
import { isHalving, type Pair, type PoolGeometry, poolGeometry } from "./how/pooling.ts";

/** Elements that one thread handles in about 20 µs. */
const grain = 65536;

type Ports = { input: 1 };
type Aux = { index: 1; rectified?: 1 };

/** Windows that halve have a kernel that does both at once; for others the two kernels run one after the other. */
export const reluMaxPool2dParticle: Particle<Ports, MaxPool2dAttributes, "index" | "rectified", Aux, PoolGeometry> = {
  name: "reluMaxPool2d",
  summary: "Keeps the largest value of each window of an image batch, or 0 where none is positive.",
  among: (elements) => `max(${elements}, 0)`,
  formula: "y[n,c,p,q] = max k,l  max(x[n, c, p·stride + k·dilation − padding, q·stride + l·dilation − padding], 0)",
  example: {
    inputs: {
      input: [
        [
          [1, 2, -8, -6],
          [3, 4, -7, -5],
        ],
      ],
    },
    attributes: { kernelSize: 2, stride: 2, padding: 0, dilation: 1, ceilMode: false },
  },
  keeps: ["index", "rectified"],
  plan: ({ input }, attributes) => poolGeometry("reluMaxPool2d", input, attributes),
  shape: (_, { output }) => output,
  // Where windows halve, the index tells of each maximum whether it is positive.
  aux: (_, geometry) => ({
    index: { shape: geometry.output, dtype: isWide(geometry) ? "int32" : "uint8" },
    ...(!isHalving(geometry) && { rectified: { shape: geometry.output, dtype: "float32" } }),
  }),
  workspace({ input }, geometry) {
    if (isHalving(geometry)) return {};
    return { forward: 4 * sizeOf(input), backward: 4 * sizeOf(geometry.output) };
  },
  forward({ input, output, index, rectified, workspace }, geometry) {
    if (!rectified) {
      poolMaxima(input.ptr, output, index, geometry, 0);
      return;
    }
    parallel(activations.relu, input.size, grain, input.ptr, workspace);
    poolMaxima(workspace, output, index, geometry);
    parallel(activations.relu, output.size, grain, output.ptr, rectified.ptr);
  },
  backward({ index, rectified, grad, workspace }, { input }, geometry) {
    if (!input) return;
    if (!rectified) {
      spreadMaxima(index, grad.ptr, input, geometry, 1);
      return;
    }
    parallel(activations.reluGradInput, grad.size, grain, rectified.ptr, grad.ptr, workspace);
    spreadMaxima(index, workspace, input, geometry);
  },
  cost({ input }, geometry) {
    const outputs = sizeOf(geometry.output);
    const [kH, kW] = geometry.kernel;
    return { flops: outputs * kH * kW, bytes: 4 * sizeOf(input) + outputs * (isWide(geometry) ? 8 : 5) };
  },
  definition({ input }, attributes) {
    const rectified = Array.from(input.data, (x) => (x < 0 ? 0 : x));
    return maximaOf(rectified, poolGeometry("reluMaxPool2d", input.shape, attributes));
  },
};

/**
 * `maxPool2d(relu(input), …)` in one pass over memory each way, with the same bits. `maxPool2d` behind a `relu` becomes this by itself where
 * windows are 2 × 2 with stride 2 and nobody has looked at what relu gives.
 *
 * @throws ShapeError as maxPool2d does.
 */
export function reluMaxPool2d(input: Tensor, kernelSize: Pair, options?: Pair | MaxPool2dOptions): Tensor {
  const { stride = kernelSize, ...rest } = readOptions("reluMaxPool2d", options, maxPool2dOptions);
  return apply(reluMaxPool2dParticle, { input }, { kernelSize, stride, ...rest });
}
