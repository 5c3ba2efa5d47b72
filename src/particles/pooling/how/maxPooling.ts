/** What max pooling has in common with and without a relu in front of it. */
import { flag, type OptionsOf, pair } from "../../../core/options.ts";
import type { Block, Values } from "../../../core/particle.ts";
import { kernels } from "../../../engine/generated/pooling.ts";
import { parallel } from "../../../engine/parallel.ts";
import { isHalving, type Pair, type PoolAttributes, type PoolGeometry } from "./pooling.ts";

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

export const maxPool2dOptions: OptionsOf<{
  stride: Pair | undefined;
  padding: Pair;
  dilation: Pair;
  ceilMode: boolean;
}> = { stride: pair(undefined), padding: pair(0), dilation: pair(1), ceilMode: flag(false) };

/** Elements of the input that one thread handles in about 20 µs. */
const grain = 131072;

const piecesOf = ({ H, W }: PoolGeometry) => Math.ceil(grain / (H * W));

/** The maxima of the windows of the planes at `input`, and which tap won each. What is below `floor` counts as it, where windows halve. */
export function poolMaxima(
  input: number,
  output: Block,
  index: Block,
  geometry: PoolGeometry,
  floor = Number.NEGATIVE_INFINITY,
): void {
  const { planes, H, W, P, Q, kernel } = geometry;
  const pieces = piecesOf(geometry);
  if (isHalving(geometry)) parallel(kernels.maxPool2x2, planes, pieces, input, output.ptr, index.ptr, H, W, floor);
  else {
    const tail = [...kernel, ...steps(geometry)] as const;
    parallel(kernels.maxPool2d, planes, pieces, input, output.ptr, index.ptr, H, W, P, Q, ...tail);
  }
}

/** The gradients of the windows, at the taps that won. With `onlyPositive`, where windows halve: only where the maximum is above 0. */
export function spreadMaxima(
  index: Block,
  grad: number,
  input: Block,
  geometry: PoolGeometry,
  onlyPositive: 0 | 1 = 0,
): void {
  const { planes, H, W, P, Q, kernel } = geometry;
  const pieces = piecesOf(geometry);
  if (isHalving(geometry)) {
    parallel(kernels.maxPool2x2GradInput, planes, pieces, index.ptr, grad, input.ptr, H, W, onlyPositive);
  } else {
    const tail = [kernel[1], ...steps(geometry)] as const;
    parallel(kernels.maxPool2dGradInput, planes, pieces, index.ptr, grad, input.ptr, H, W, P, Q, ...tail);
  }
}

/** Whether a window has more taps than a byte can tell apart. */
export function isWide({ kernel }: PoolGeometry): boolean {
  return kernel[0] * kernel[1] > 256;
}

function steps(geometry: PoolGeometry) {
  const { stride, padding, dilation } = geometry;
  return [...stride, ...padding, ...dilation, isWide(geometry) ? 1 : 0] as const;
}

/** Part of the definition: the largest value of each window. */
export function maximaOf(
  data: Values["data"],
  { planes, H, W, P, Q, kernel, stride, padding, dilation }: PoolGeometry,
): number[] {
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
            const x = data[(plane * H + h) * W + w]!;
            if (x > maximum || Number.isNaN(x)) maximum = x;
          }
        }
        maxima.push(maximum);
      }
    }
  }
  return maxima;
}
