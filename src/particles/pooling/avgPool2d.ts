import { apply } from "../../core/apply.ts";
import { flag, type OptionsOf, pair, readOptions } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/pooling.ts";
import { parallel } from "../../engine/parallel.ts";
import { isHalving, type Pair, type PoolAttributes, type PoolGeometry, poolGeometry } from "./how/pooling.ts";

export interface AvgPool2dAttributes extends PoolAttributes {
  readonly countIncludePad: boolean;
}

/** `kernelSize` is the stride, too, unless `stride` is given. */
export interface AvgPool2dOptions {
  readonly stride?: Pair | undefined;
  readonly padding?: Pair;
  readonly ceilMode?: boolean;
  /** Whether the zeros of the padding count as elements of the average. */
  readonly countIncludePad?: boolean;
}

/** Elements of the input that one thread handles in about 20 µs. */
const grain = 65536;

type AvgPool2dPlan = PoolGeometry & Pick<AvgPool2dAttributes, "countIncludePad">;

export const avgPool2dParticle: Particle<{ input: 1 }, AvgPool2dAttributes, never, object, AvgPool2dPlan> = {
  name: "avgPool2d",
  summary: "Averages each window of an image batch.",
  formula: "y[n,c,p,q] = 1/taps · Σ k,l  x[n, c, p·stride + k − padding, q·stride + l − padding]",
  example: {
    inputs: {
      input: [
        [
          [1, 2, 5, 6],
          [3, 4, 7, 8],
        ],
      ],
    },
    attributes: { kernelSize: 2, stride: 2, padding: 0, ceilMode: false, countIncludePad: true },
  },
  keeps: [],
  plan: ({ input }, attributes) => ({
    ...poolGeometry("avgPool2d", input, attributes),
    countIncludePad: attributes.countIncludePad,
  }),
  shape: (_, { output }) => output,
  forward({ input, output }, geometry) {
    const pieces = Math.ceil(grain / (geometry.H * geometry.W));
    const { planes, H, W } = geometry;
    if (isHalving(geometry)) parallel(kernels.avgPool2x2, planes, pieces, input.ptr, output.ptr, H, W);
    else parallel(kernels.avgPool2d, planes, pieces, input.ptr, output.ptr, ...sizes(geometry));
  },
  backward({ grad }, { input }, geometry) {
    if (!input) return;
    const pieces = Math.ceil(grain / (geometry.H * geometry.W));
    const { planes, H, W } = geometry;
    if (isHalving(geometry)) parallel(kernels.avgPool2x2GradInput, planes, pieces, grad.ptr, input.ptr, H, W);
    else parallel(kernels.avgPool2dGradInput, planes, pieces, grad.ptr, input.ptr, ...sizes(geometry));
  },
  cost({ input }, geometry) {
    const outputs = sizeOf(geometry.output);
    const [kH, kW] = geometry.kernel;
    return { flops: outputs * kH * kW, bytes: 4 * (sizeOf(input) + outputs) };
  },
  definition({ input }, attributes) {
    const { planes, H, W, P, Q, kernel, stride, padding } = poolGeometry("avgPool2d", input.shape, attributes);
    const means: number[] = [];
    for (let plane = 0; plane < planes; plane++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          let sum = 0;
          let inside = 0;
          let padded = 0;
          for (let k = 0; k < kernel[0]; k++) {
            for (let l = 0; l < kernel[1]; l++) {
              const h = p * stride[0] + k - padding[0];
              const w = q * stride[1] + l - padding[1];
              if (h < H + padding[0] && w < W + padding[1]) padded++;
              if (h < 0 || h >= H || w < 0 || w >= W) continue;
              inside++;
              sum += input.data[(plane * H + h) * W + w]!;
            }
          }
          means.push(sum / (attributes.countIncludePad ? padded : inside));
        }
      }
    }
    return means;
  },
};

function sizes({ H, W, P, Q, kernel, stride, padding, countIncludePad }: AvgPool2dPlan) {
  return [H, W, P, Q, ...kernel, ...stride, ...padding, countIncludePad ? 1 : 0] as const;
}

export const avgPool2dOptions: OptionsOf<{
  stride: Pair | undefined;
  padding: Pair;
  ceilMode: boolean;
  countIncludePad: boolean;
}> = { stride: pair(undefined), padding: pair(0), ceilMode: flag(false), countIncludePad: flag(true) };

/**
 * The mean of each window of `input` [N, C, H, W] or [C, H, W]; `kernelSize`, `stride` and `padding` are one number or (height, width). The stride
 * is the kernel size by default. `ceilMode` keeps a last window that is cut off, if it begins inside the input or the padding
 * before it. Zeros of the padding count as elements, unless `countIncludePad` is false; what a cut-off window reaches beyond the
 * padding never does.
 *
 * @throws ShapeError if the window does not fit, and for padding of more than half the window.
 */
export function avgPool2d(input: Tensor, kernelSize: Pair, options?: Pair | AvgPool2dOptions): Tensor {
  const { stride = kernelSize, ...rest } = readOptions("avgPool2d", options, avgPool2dOptions);
  return apply(avgPool2dParticle, { input }, { kernelSize, stride, ...rest });
}
