import { apply } from "../../core/apply.ts";
import { flag, type OptionsOf, pair, readOptions } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/pooling.ts";
import { parallel } from "../../engine/parallel.ts";
import { rectifying } from "../activation/how/rectifying.ts";
import { isHalving, type Pair, type PoolAttributes, type PoolGeometry, poolGeometry } from "./how/pooling.ts";

export interface MaxPool2dAttributes extends PoolAttributes {
  readonly dilation: Pair;
}

/** `kernelSize` is the stride, too, unless `stride` is given. */
export interface MaxPool2dOptions {
  readonly stride?: Pair | undefined;
  readonly padding?: Pair;
  readonly dilation?: Pair;
  readonly ceilMode?: boolean;
}

/** Elements of the input that one thread handles in about 20 µs. */
const grain = 131072;

export const maxPool2dParticle: Particle<{ input: 1 }, MaxPool2dAttributes, "index", { index: 1 }, PoolGeometry> = {
  name: "maxPool2d",
  summary: "Keeps the largest value of each window of an image batch.",
  selects: "max",
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
  absorbs: (_, geometry) => (isHalving(geometry) ? rectifying : undefined),
  plan: ({ input }, attributes) => poolGeometry("maxPool2d", input, attributes),
  shape: (_, { output }) => output,
  aux: (_, geometry) => ({ index: { shape: geometry.output, dtype: isWide(geometry) ? "int32" : "uint8" } }),
  forward({ input, output, index }, geometry) {
    const { planes, H, W, P, Q, kernel } = geometry;
    const pieces = Math.ceil(grain / (H * W));
    if (isHalving(geometry)) {
      const floor = input.pending ? 0 : Number.NEGATIVE_INFINITY;
      parallel(kernels.maxPool2x2, planes, pieces, input.ptr, output.ptr, index.ptr, H, W, floor);
    } else {
      const tail = [...kernel, ...steps(geometry)] as const;
      parallel(kernels.maxPool2d, planes, pieces, input.ptr, output.ptr, index.ptr, H, W, P, Q, ...tail);
    }
  },
  backward({ index, grad }, { input }, geometry) {
    if (!input) return;
    const { planes, H, W, P, Q, kernel } = geometry;
    const pieces = Math.ceil(grain / (H * W));
    if (isHalving(geometry)) {
      const onlyPositive = Number(input.pending ?? false);
      parallel(kernels.maxPool2x2GradInput, planes, pieces, index.ptr, grad.ptr, input.ptr, H, W, onlyPositive);
    } else {
      const tail = [kernel[1], ...steps(geometry)] as const;
      parallel(kernels.maxPool2dGradInput, planes, pieces, index.ptr, grad.ptr, input.ptr, H, W, P, Q, ...tail);
    }
  },
  cost({ input }, geometry) {
    const outputs = sizeOf(geometry.output);
    const [kH, kW] = geometry.kernel;
    return {
      flops: outputs * (kH * kW - 1),
      bytes: 4 * sizeOf(input) + outputs * (isWide(geometry) ? 8 : 5),
    };
  },
  definition({ input }, attributes) {
    const { planes, H, W, P, Q, kernel, stride, padding, dilation } = poolGeometry(
      "maxPool2d",
      input.shape,
      attributes,
    );
    const maxima: number[] = [];
    for (let plane = 0; plane < planes; plane++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          let maximum = Number.NEGATIVE_INFINITY;
          for (let k = 0; k < kernel[0]; k++) {
            for (let l = 0; l < kernel[1]; l++) {
              const h = p * stride[0] + k * dilation[0] - padding[0];
              const w = q * stride[1] + l * dilation[1] - padding[1];
              if (h < 0 || h >= H || w < 0 || w >= W) continue;
              const x = input.data[(plane * H + h) * W + w]!;
              if (x > maximum || Number.isNaN(x)) maximum = x;
            }
          }
          maxima.push(maximum);
        }
      }
    }
    return maxima;
  },
};

/** Whether a window has more taps than a byte can tell apart. */
function isWide({ kernel }: PoolGeometry): boolean {
  return kernel[0] * kernel[1] > 256;
}

function steps(geometry: PoolGeometry) {
  const { stride, padding, dilation } = geometry;
  return [...stride, ...padding, ...dilation, isWide(geometry) ? 1 : 0] as const;
}

export const maxPool2dOptions: OptionsOf<{
  stride: Pair | undefined;
  padding: Pair;
  dilation: Pair;
  ceilMode: boolean;
}> = { stride: pair(undefined), padding: pair(0), dilation: pair(1), ceilMode: flag(false) };

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
