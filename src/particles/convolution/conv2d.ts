import { apply } from "../../core/apply.ts";
import { settings } from "../../core/configure.ts";
import { type OptionsOf, option, pair, readOptions, real } from "../../core/options.ts";
import type { Of, Particle } from "../../core/particle.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/convolution.ts";
import { parallel } from "../../engine/parallel.ts";
import { DirectConvolution } from "./how/direct.ts";
import {
  type Conv2dAttributes,
  type Conv2dGeometry,
  type Convolution,
  conv2dGeometry,
  conv2dShape,
  type Pair,
} from "./how/geometry.ts";
import { WinogradConvolution, winogradAppliesBackward, winogradAppliesForward } from "./how/winograd.ts";

export type { Conv2dAttributes };

interface Conv2dPlan {
  readonly geometry: Conv2dGeometry;
  readonly output: Shape;
  /** How it is computed, and how its gradients are. */
  readonly ahead: Convolution;
  readonly back: Convolution;
}

/**
 * The choice of an algorithm depends on the geometry of one image, never on the batch, so that an image has the same bits in any
 * batch; and for forward not on the number of filters either, so that a filter has the same bits alone and among others.
 */
function planOf(at: Of<Ports, Shape>, attributes: Conv2dAttributes): Conv2dPlan {
  const geometry = conv2dGeometry(at, attributes);
  const allowed = settings().winograd;
  const fast = allowed && winogradAppliesForward(geometry) ? new WinogradConvolution(geometry) : undefined;
  const direct = fast && winogradAppliesBackward(geometry) ? undefined : new DirectConvolution(geometry);
  return { geometry, output: conv2dShape(geometry, at.input), ahead: fast ?? direct!, back: direct ?? fast! };
}

type Ports = { input: 1; weight: 1; bias?: 1 };

export const conv2dParticle: Particle<Ports, Conv2dAttributes, "input" | "weight", object, Conv2dPlan> = {
  name: "conv2d",
  summary:
    "Slides a bank of filters over a batch of images and gives one map a filter: how well each place matches it.",
  formula:
    "y[n,o,i,j] = b[o] + Σ c,r,s  x[n, c, i·stride + r·dilation − padding, j·stride + s·dilation − padding] · w[o,c,r,s]",
  example: {
    inputs: {
      input: [
        [
          [
            [1, 2, 3],
            [4, 5, 6],
            [7, 8, 9],
          ],
        ],
      ],
      weight: [
        [
          [
            [1, 0],
            [1, 1],
          ],
        ],
      ],
    },
    attributes: { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 },
  },
  keeps: ["input", "weight"],
  kernels: {
    kind: "filter",
    axis: -3,
    ports: ["weight", "bias"],
    inputAxis: 1,
    view(index, { input, weight }, { groups }) {
      if (groups === 1) return undefined;
      const channels = weight[1]!;
      const start = Math.floor((index * groups) / weight[0]!) * channels;
      return { port: "input", axis: input.length - 3, start, end: start + channels };
    },
    attributes: (attributes) => ({ ...attributes, groups: 1 }),
  },
  plan: planOf,
  shape: (_, { output }) => output,
  workspace: (_, { ahead, back }) => ({ forward: ahead.forwardBytes, backward: back.backwardBytes }),
  forward({ input, weight, bias, output, workspace }, { ahead }) {
    ahead.forward(input, weight, bias, output, workspace);
  },
  backward({ input, weight, grad, workspace }, into, { geometry, back }) {
    if (into.input || into.weight) back.gradients({ input, weight, grad }, into, workspace);
    if (into.bias) {
      const { images, groups, outputs, rows, columns } = geometry;
      const pixels = rows.output * columns.output;
      const grain = Math.ceil(131072 / Math.max(1, images * pixels));
      parallel(
        kernels.conv2dGradBias,
        groups * outputs,
        grain,
        grad.ptr,
        into.bias.ptr,
        images,
        groups * outputs,
        pixels,
      );
    }
  },
  cost(at, { geometry, output }) {
    const { channels, rows, columns } = geometry;
    const outputs = sizeOf(output);
    const biases = at.bias ? sizeOf(at.bias) : 0;
    const products = outputs * channels * rows.kernel * columns.kernel;
    return {
      flops: 2 * products + (at.bias ? outputs : 0),
      products,
      bytes: 4 * (sizeOf(at.input) + sizeOf(at.weight) + biases + outputs),
    };
  },
  definition({ input, weight, bias }, attributes) {
    const { images, groups, channels, outputs, rows, columns } = conv2dGeometry(
      { input: input.shape, weight: weight.shape },
      attributes,
    );
    const result: number[] = [];
    for (let n = 0; n < images; n++) {
      for (let o = 0; o < groups * outputs; o++) {
        const group = Math.floor(o / outputs);
        for (let i = 0; i < rows.output; i++) {
          for (let j = 0; j < columns.output; j++) {
            let sum = bias ? bias.data[o]! : 0;
            for (let c = 0; c < channels; c++) {
              for (let r = 0; r < rows.kernel; r++) {
                for (let s = 0; s < columns.kernel; s++) {
                  const h = i * rows.stride + r * rows.dilation - rows.before;
                  const w = j * columns.stride + s * columns.dilation - columns.before;
                  const inside = h >= 0 && h < rows.input && w >= 0 && w < columns.input;
                  const plane = (n * groups + group) * channels + c;
                  const x = inside ? input.data[(plane * rows.input + h) * columns.input + w]! : 0;
                  sum += x * weight.data[((o * channels + c) * rows.kernel + r) * columns.kernel + s]!;
                }
              }
            }
            result.push(sum);
          }
        }
      }
    }
    return result;
  },
};

export interface Conv2dOptions {
  /** Pixels from one window to the next; a number, or [rows, columns]. 1 by default. */
  readonly stride?: number | Pair;
  /** Zeros on each side, "valid" for none, "same" for as many as keep the size at stride 1. 0 by default. */
  readonly padding?: number | Pair | "same" | "valid";
  /** Pixels from one tap of the kernel to the next. 1 by default. */
  readonly dilation?: number | Pair;
  /** Parts of the channels that are convolved apart from one another. 1 by default. */
  readonly groups?: number;
}

export const conv2dOptions: OptionsOf<Required<Conv2dOptions>> = {
  stride: pair(1),
  padding: option<number | Pair | "same" | "valid">(
    0,
    'a number, a pair of numbers, "same" or "valid"',
    (value) => value === "same" || value === "valid" || pair(0).accepts(value),
  ),
  dilation: pair(1),
  groups: real(1),
};

/**
 * Slides a bank of filters over a batch of images: cross-correlation, as in PyTorch and every other framework (the kernel is not turned
 * around). `input` is [N, C, H, W] or [C, H, W], `weight` [O, C / groups, kH, kW], `bias` [O]; the output is [N, O, H', W'] or
 * [O, H', W'] with H' = ⌊(H + 2·padding − dilation·(kH − 1) − 1) / stride⌋ + 1. All float32.
 *
 * Padding "same" puts the odd zero behind, as PyTorch does.
 *
 * @throws ShapeError where channels, groups and bias do not match, where the kernel does not fit the padded input, where an
 * option is not a whole number in its range, and where anything but the batch is empty.
 */
export function conv2d(input: Tensor, weight: Tensor, bias?: Tensor, options?: number | Pair | Conv2dOptions): Tensor {
  const { stride, padding, dilation, groups } = readOptions("conv2d", options, conv2dOptions);
  return apply(
    conv2dParticle,
    { input, weight, ...(bias && { bias }) },
    {
      stride: pairOf(stride),
      padding: padding === "same" ? padding : pairOf(padding === "valid" ? 0 : padding),
      dilation: pairOf(dilation),
      groups,
    },
  );
}

function pairOf(value: number | Pair): Pair {
  return typeof value === "number" ? [value, value] : value;
}
