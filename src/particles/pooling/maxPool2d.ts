import { apply } from "../../core/apply.ts";
import { readOptions } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { reluParticle } from "../activation/relu.ts";
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
import { reluMaxPool2dParticle } from "./reluMaxPool2d.ts";

export { type MaxPool2dAttributes, type MaxPool2dOptions, maxPool2dOptions } from "./how/maxPooling.ts";

export const maxPool2dParticle: Particle<{ input: 1 }, MaxPool2dAttributes, "index", { index: 1 }, PoolGeometry> = {
  name: "maxPool2d",
  summary: "Keeps the largest value of each window of an image batch.",
  among: (elements) => `max(${elements})`,
  formula: "y[n,c,p,q] = max k,l  x[n, c, p·stride + k·dilation − padding, q·stride + l·dilation − padding]",
  example: {
    inputs: {
      input: [
        [
          [1, 2, 8, 6],
          [3, 4, 7, 5],
        ],
      ],
    },
    attributes: { kernelSize: 2, stride: 2, padding: 0, dilation: 1, ceilMode: false },
  },
  keeps: ["index"],
  fused: [{ port: "input", with: reluParticle, as: reluMaxPool2dParticle, when: isHalving }],
  plan: ({ input }, attributes) => poolGeometry("maxPool2d", input, attributes),
  shape: (_, { output }) => output,
  aux: (_, geometry) => ({ index: { shape: geometry.output, dtype: isWide(geometry) ? "int32" : "uint8" } }),
  forward({ input, output, index }, geometry) {
    poolMaxima(input.ptr, output, index, geometry);
  },
  backward({ index, grad }, { input }, geometry) {
    if (input) spreadMaxima(index, grad.ptr, input, geometry);
  },
  cost({ input }, geometry) {
    const outputs = sizeOf(geometry.output);
    const [kH, kW] = geometry.kernel;
    return {
      flops: outputs * (kH * kW - 1),
      bytes: 4 * sizeOf(input) + outputs * (isWide(geometry) ? 8 : 5),
    };
  },
  definition: ({ input }, attributes) => maximaOf(input.data, poolGeometry("maxPool2d", input.shape, attributes)),
};

/**
 * The maximum of each window of `input` [N, C, H, W] or [C, H, W]; `kernelSize`, `stride`, `padding` and `dilation` are one number or (height,
 * width). The stride is the kernel size by default. Padding counts as −∞. `ceilMode` keeps a last window that is cut off,
 * if it begins inside the input or the padding before it. The first of equal maxima takes the gradient; a NaN in the window
 * is the maximum.
 *
 * @throws ShapeError if the window does not fit, and for padding of more than half the window.
 */
export function maxPool2d(input: Tensor, kernelSize: Pair, options?: Pair | MaxPool2dOptions): Tensor {
  const { stride = kernelSize, ...rest } = readOptions("maxPool2d", options, maxPool2dOptions);
  return apply(maxPool2dParticle, { input }, { kernelSize, stride, ...rest });
}
