/**
 * How parameters start: PyTorch's `torch.nn.init` under its names, drawn from the same generator in the same order, so
 * that `manualSeed(0)` gives the weights that `torch.manual_seed(0)` gives. Each function overwrites its tensor and
 * returns it.
 */
import type { Generator } from "../core/generator.ts";
import { type OptionsOf, oneOf, readOptions, real } from "../core/options.ts";
import { fillNormal, fillUniform, generatorOption } from "../core/random.ts";
import { type Shape, show, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { QuarkError, ShapeError } from "../errors.ts";

export type Nonlinearity = "linear" | "conv2d" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

interface Draw {
  /** What to draw from; by default the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

export interface XavierOptions extends Draw {
  /** 1 by default; see `calculateGain`. */
  readonly gain?: number;
}

export interface KaimingOptions extends Draw {
  /** The negative slope of the leaky ReLU that follows; 0 by default. */
  readonly a?: number;
  /** Whether the variance is kept on the way forward (`"fanIn"`, the default) or backward. */
  readonly mode?: "fanIn" | "fanOut";
  /** `"leakyRelu"` by default. */
  readonly nonlinearity?: Nonlinearity;
}

const drawOptions: OptionsOf<Required<Draw>> = { generator: generatorOption };
const xavierOptions: OptionsOf<Required<XavierOptions>> = { gain: real(1), ...drawOptions };
const kaimingOptions: OptionsOf<Required<KaimingOptions>> = {
  a: real(0),
  mode: oneOf("fanIn", "fanOut"),
  nonlinearity: oneOf("leakyRelu", "linear", "conv2d", "sigmoid", "tanh", "relu", "selu"),
  ...drawOptions,
};

/** Uniform on [low, high); by default [0, 1). */
export function uniform(input: Tensor, low = 0, high = 1, options?: Draw): Tensor {
  const { generator } = readOptions("uniform", options, drawOptions);
  return fillUniform(input, low, high, generator);
}

/** Normal with the given mean and deviation; by default 0 and 1. */
export function normal(input: Tensor, mean = 0, deviation = 1, options?: Draw): Tensor {
  const { generator } = readOptions("normal", options, drawOptions);
  return fillNormal(input, mean, deviation, generator);
}

/** `value` everywhere. */
export function constant(input: Tensor, value: number): Tensor {
  input.data.fill(value);
  input.storage.version++;
  return input;
}

/** 0 everywhere. */
export function zeros(input: Tensor): Tensor {
  return constant(input, 0);
}

/** 1 everywhere. */
export function ones(input: Tensor): Tensor {
  return constant(input, 1);
}

/** Glorot's rule: uniform on ±gain · √(6 / (fanIn + fanOut)). */
export function xavierUniform(input: Tensor, options?: number | XavierOptions): Tensor {
  const { gain, generator } = readOptions("xavierUniform", options, xavierOptions);
  const bound = Math.sqrt(3) * xavierDeviation("xavierUniform", input.shape, gain);
  return fillUniform(input, -bound, bound, generator);
}

/** Glorot's rule: normal with deviation gain · √(2 / (fanIn + fanOut)). */
export function xavierNormal(input: Tensor, options?: number | XavierOptions): Tensor {
  const { gain, generator } = readOptions("xavierNormal", options, xavierOptions);
  return fillNormal(input, 0, xavierDeviation("xavierNormal", input.shape, gain), generator);
}

/** He's rule: uniform on ±gain · √(3 / fan). */
export function kaimingUniform(input: Tensor, given?: number | KaimingOptions): Tensor {
  const options = readOptions("kaimingUniform", given, kaimingOptions);
  if (input.size === 0) return input;
  const bound = Math.sqrt(3) * kaimingDeviation("kaimingUniform", input.shape, options);
  return fillUniform(input, -bound, bound, options.generator);
}

/** He's rule: normal with deviation gain / √fan. */
export function kaimingNormal(input: Tensor, given?: number | KaimingOptions): Tensor {
  const options = readOptions("kaimingNormal", given, kaimingOptions);
  if (input.size === 0) return input;
  return fillNormal(input, 0, kaimingDeviation("kaimingNormal", input.shape, options), options.generator);
}

/**
 * What `Conv2d` and `Linear` start with: the weight by He's rule with a = √5, which is uniform on ±1/√fanIn, and the
 * bias, drawn after it, uniform on the same.
 */
export function resetParameters(weight: Tensor, bias?: Tensor): void {
  kaimingUniform(weight, { a: Math.sqrt(5) });
  const { fanIn } = fans("resetParameters", weight.shape);
  if (!bias || fanIn === 0) return;
  const bound = 1 / Math.sqrt(fanIn);
  fillUniform(bias, -bound, bound);
}

/** The factor by which a nonlinearity shrinks the deviation of what passes it; `a` is the slope of a leaky ReLU. */
export function calculateGain(nonlinearity: Nonlinearity, a = 0.01): number {
  if (nonlinearity === "leakyRelu") return Math.sqrt(2 / (1 + a * a));
  const gain = gains[nonlinearity];
  if (gain === undefined) {
    throw new QuarkError(
      `calculateGain: nonlinearity "${nonlinearity}" is not known; use ${Object.keys(gains).join(", ")} or leakyRelu`,
    );
  }
  return gain;
}

const gains: Record<Exclude<Nonlinearity, "leakyRelu">, number> = {
  linear: 1,
  conv2d: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.sqrt(2),
  selu: 3 / 4,
};

/** How many inputs feed an output, and how many outputs an input feeds: channels times the positions of a filter. */
function fans(op: string, shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError(
      `${op}: at least 2 dimensions are needed to count inputs and outputs, got ${shape.length} (input ${show(shape)})`,
    );
  }
  const positions = sizeOf(shape.slice(2));
  return { fanIn: shape[1]! * positions, fanOut: shape[0]! * positions };
}

function xavierDeviation(op: string, shape: Shape, gain: number): number {
  const { fanIn, fanOut } = fans(op, shape);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

function kaimingDeviation(op: string, shape: Shape, { a, mode, nonlinearity }: Required<KaimingOptions>): number {
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(op, shape)[mode]);
}
