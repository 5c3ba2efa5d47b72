/** Random tensors, drawn as PyTorch's CPU generator draws them: the same seed gives the same numbers. */
import { kernels } from "../engine/generated/random.ts";
import { DtypeError, QuarkError } from "../errors.ts";
import { empty, type ShapeArguments, shapeArguments } from "./creation.ts";
import type { DType } from "./dtype.ts";
import { defaultGenerator, Generator } from "./generator.ts";
import { flag, type Option, type OptionsOf, oneOf, option, readOptions } from "./options.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

export interface RandomOptions {
  /** Whether `backward` computes its gradient. False by default. */
  readonly requiresGrad?: boolean;
  /** What to draw from; by default the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

/** What to draw from: the generator that `manualSeed` seeds, unless another is given. */
export const generatorOption: Option<Generator> = option(
  defaultGenerator,
  "a Generator",
  (value) => value instanceof Generator,
);

const randomOptions: OptionsOf<Required<RandomOptions>> = { requiresGrad: flag(false), generator: generatorOption };

/** A tensor of float32 numbers that are uniform on [0, 1). */
export function rand(...args: ShapeArguments<RandomOptions>): Tensor {
  const [shape, options] = shapeArguments("rand", args);
  const { requiresGrad, generator } = readOptions("rand", options, randomOptions);
  return fillUniform(empty(shape, { requiresGrad }), 0, 1, generator);
}

/**
 * A tensor of float32 numbers from the normal distribution of mean 0 and deviation 1. It agrees with PyTorch to a few units in
 * the last place, since PyTorch's logarithm and cosine depend on the machine; ours do not.
 */
export function randn(...args: ShapeArguments<RandomOptions>): Tensor {
  const [shape, options] = shapeArguments("randn", args);
  const { requiresGrad, generator } = readOptions("randn", options, randomOptions);
  return fillNormal(empty(shape, { requiresGrad }), 0, 1, generator);
}

export interface RandintOptions extends RandomOptions {
  /** int32 by default. */
  readonly dtype?: DType;
}

const randintOptions: OptionsOf<Required<RandintOptions>> = {
  ...randomOptions,
  dtype: oneOf("int32", "float32", "uint8"),
};

/** A tensor of whole numbers from `low` up to but not including `high`; `randint(high, shape)` starts at 0. */
export function randint(high: number, shape: Shape, options?: RandintOptions): Tensor;
export function randint(low: number, high: number, shape: Shape, options?: RandintOptions): Tensor;
export function randint(
  first: number,
  second: number | Shape,
  third?: Shape | RandintOptions,
  fourth?: RandintOptions,
): Tensor {
  const [low, high, shape, options] =
    typeof second === "number"
      ? [first, second, third as Shape, fourth]
      : [0, first, second, third as RandintOptions | undefined];
  const { dtype, generator, requiresGrad } = readOptions("randint", options, randintOptions);
  const [smallest, largest] = wholeNumbers[dtype];
  if (!(Number.isInteger(low) && Number.isInteger(high) && low < high)) {
    throw new QuarkError(`randint: low ${low} and high ${high} must be whole numbers with low < high`);
  }
  if (low < smallest || high > largest + 1) {
    throw new QuarkError(`randint: ${low} to ${high - 1} do not fit ${dtype}, which takes ${smallest} to ${largest}`);
  }
  const result = empty(shape, { dtype, requiresGrad });
  const { elements: data } = result;
  const range = high - low;
  for (let index = 0; index < data.length; index++) data[index] = low + generator.below(range);
  return result;
}

const wholeNumbers: { readonly [D in DType]: readonly [number, number] } = {
  float32: [-0x1000000, 0x1000000],
  int32: [-0x80000000, 0x7fffffff],
  uint8: [0, 255],
};

/** The numbers 0 … n − 1 in random order, as an int32 tensor. */
export function randperm(n: number, options?: { readonly generator?: Generator }): Tensor {
  const { generator } = readOptions("randperm", options, { generator: generatorOption });
  const result = empty([n], { dtype: "int32" });
  result.elements.set(permutation(n, generator));
  return result;
}

/** What `randperm` draws, outside of linear memory: each place in turn is exchanged with one from there to the end. */
export function permutation(n: number, generator: Generator = defaultGenerator): Int32Array<ArrayBuffer> {
  const order = new Int32Array(n);
  for (let index = 0; index < n; index++) order[index] = index;
  for (let index = 0; index < n - 1; index++) {
    const other = index + (generator.random() % (n - index));
    const taken = order[other]!;
    order[other] = order[index]!;
    order[index] = taken;
  }
  return order;
}

/**
 * Overwrites a tensor with numbers that are uniform on [low, high): u · (high − low) + low for u from 24 random bits, all in
 * float32 with a single rounding of the product and sum, since that is the instruction PyTorch is compiled to.
 */
export function fillUniform(input: Tensor, low = 0, high = 1, generator: Generator = defaultGenerator): Tensor {
  const start = Math.fround(low);
  const range = Math.fround(Math.fround(high) - start);
  if (!(range >= 0 && Number.isFinite(range))) {
    throw new QuarkError(`uniform: low ${low} must not be above high ${high}, and both must be finite`);
  }
  const data = floats("uniform", input);
  for (let index = 0; index < data.length; index++) data[index] = multiplyAdd(generator.uniform(), range, start);
  input.held.version++;
  return input;
}

/**
 * a · b + c for float32 numbers, rounded to float32 once. The product is exact in float64. Where the sum is not, it may have
 * been rounded to just halfway between two float32 numbers; what was cut off then decides between them.
 */
function multiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const rounded = Math.fround(sum);
  const part = sum - product;
  const cut = product - (sum - part) + (c - part);
  if (cut === 0) return rounded;
  const offset = sum - rounded;
  const neighbour = rounded + 2 * offset;
  const halfway = offset !== 0 && Math.fround(neighbour) === neighbour;
  return halfway && cut > 0 === offset > 0 ? neighbour : rounded;
}

/**
 * Overwrites a tensor with normally distributed numbers. From 16 on they are made in groups of 16 from uniform float32
 * numbers, and the last 16 are drawn anew where the size is no multiple of 16; below 16 one by one, in float64.
 */
export function fillNormal(input: Tensor, mean = 0, deviation = 1, generator: Generator = defaultGenerator): Tensor {
  if (!(deviation >= 0)) throw new QuarkError(`normal: the deviation must not be negative, got ${deviation}`);
  const data = floats("normal", input);
  const { size } = input;
  if (size < 16) {
    for (let index = 0; index < size; index++) data[index] = oneNormal(generator) * deviation + mean;
  } else {
    const { ptr } = input.held.changeable();
    for (let index = 0; index < size; index++) data[index] = generator.uniform();
    kernels.normalGroups(ptr, size - (size % 16), mean, deviation);
    if (size % 16 !== 0) {
      for (let index = size - 16; index < size; index++) data[index] = generator.uniform();
      kernels.normalGroups(ptr + 4 * (size - 16), 16, mean, deviation);
    }
  }
  input.held.version++;
  return input;
}

/** One of a Box–Muller pair in float64; the other is spared for the next call. */
function oneNormal(generator: Generator): number {
  const spare = generator.takeSpareNormal();
  if (spare !== undefined) return spare;
  const angle = generator.uniform53();
  const radius = generator.uniform53();
  generator.keepSpareNormal(kernels.normalSine(radius, angle));
  return kernels.normalCosine(radius, angle);
}

function floats(op: string, input: Tensor): Float32Array {
  const { elements: data } = input;
  if (!(data instanceof Float32Array)) throw new DtypeError(`${op}: the tensor must be float32, got ${input.dtype}`);
  return data;
}
