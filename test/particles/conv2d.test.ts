/** conv2d against loops in float64: exact on integers, within the error bound of a float32 sum on real numbers. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { backward } from "../../src/core/backward.ts";
import { tensor } from "../../src/core/creation.ts";
import type { Shape } from "../../src/core/shape.ts";
import { sizeOf } from "../../src/core/shape.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { type Conv2dOptions, conv2d } from "../../src/particles/conv2d.ts";
import { bits, bound, ulpOf } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

const seed = Number(process.env.SEED ?? 20261123);

interface Case {
  readonly images: number;
  readonly groups: number;
  /** Of a group. */
  readonly channels: number;
  readonly outputs: number;
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly bias: boolean;
}

/** Sizes that leave every remainder of a tile of 4 pixels × 8 channels, and images that a kernel may just not fit. */
const cases = fc
  .record({
    images: fc.integer({ min: 0, max: 9 }),
    groups: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 6 }),
    outputs: fc.integer({ min: 1, max: 18 }),
    size: fc.tuple(fc.integer({ min: 1, max: 11 }), fc.integer({ min: 1, max: 11 })),
    kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    padding: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    bias: fc.boolean(),
  })
  .filter(({ size, kernel, padding, dilation }) =>
    [0, 1].every((axis) => size[axis]! + 2 * padding[axis]! > dilation[axis]! * (kernel[axis]! - 1)),
  );

type Numbers = { shape: Shape; data: Float64Array };

interface Passes {
  output: Numbers;
  input: Numbers;
  weight: Numbers;
  bias: Numbers;
}

/** Forward and all gradients in one walk over the products, with what the caller makes of each number. */
function oracle(at: Case, x: Float64Array, w: Float64Array, b: Float64Array, dy: Float64Array): Passes {
  const { images, groups, channels, outputs, size, kernel, stride, padding, dilation } = at;
  const [height, width] = outputSize(at);
  const output = new Float64Array(images * groups * outputs * height * width);
  const input = new Float64Array(x.length);
  const weight = new Float64Array(w.length);
  const bias = new Float64Array(groups * outputs);
  let y = 0;
  for (let n = 0; n < images; n++)
    for (let o = 0; o < groups * outputs; o++)
      for (let i = 0; i < height; i++)
        for (let j = 0; j < width; j++, y++) {
          output[y] = b[o]!;
          bias[o] = bias[o]! + dy[y]!;
          for (let c = 0; c < channels; c++)
            for (let r = 0; r < kernel[0]; r++)
              for (let s = 0; s < kernel[1]; s++) {
                const h = i * stride[0] + r * dilation[0] - padding[0];
                const v = j * stride[1] + s * dilation[1] - padding[1];
                if (h < 0 || h >= size[0] || v < 0 || v >= size[1]) continue;
                const channel = Math.floor(o / outputs) * channels + c;
                const xAt = ((n * groups * channels + channel) * size[0] + h) * size[1] + v;
                const wAt = ((o * channels + c) * kernel[0] + r) * kernel[1] + s;
                output[y] = output[y]! + x[xAt]! * w[wAt]!;
                input[xAt] = input[xAt]! + dy[y]! * w[wAt]!;
                weight[wAt] = weight[wAt]! + dy[y]! * x[xAt]!;
              }
        }
  return {
    output: { shape: [images, groups * outputs, height, width], data: output },
    input: { shape: [images, groups * channels, ...size], data: input },
    weight: { shape: [groups * outputs, channels, ...kernel], data: weight },
    bias: { shape: [groups * outputs], data: bias },
  };
}

function outputSize({ size, kernel, stride, padding, dilation }: Case): [number, number] {
  const along = (axis: 0 | 1) =>
    Math.floor((size[axis] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]) + 1;
  return [along(0), along(1)];
}

/** The four blocks of numbers that a case takes, made by `value`. */
function numbersOf(at: Case, value: () => number) {
  const { images, groups, channels, outputs, size, kernel } = at;
  const fill = (...shape: number[]) => Float64Array.from({ length: sizeOf(shape) }, value);
  return {
    x: fill(images, groups * channels, ...size),
    w: fill(groups * outputs, channels, ...kernel),
    b: at.bias ? fill(groups * outputs) : new Float64Array(groups * outputs),
    dy: fill(images, groups * outputs, ...outputSize(at)),
  };
}

type Inputs = ReturnType<typeof numbersOf>;

function compute(at: Case, { x, w, b, dy }: Inputs): Passes {
  const { images, groups, channels, outputs, size, kernel, stride, padding, dilation } = at;
  const make = (data: Float64Array, shape: Shape) => tensor(data, { shape, dtype: "float32", requiresGrad: true });
  const input = make(x, [images, groups * channels, ...size]);
  const weight = make(w, [groups * outputs, channels, ...kernel]);
  const bias = at.bias ? make(b, [groups * outputs]) : undefined;
  const output = conv2d(input, weight, bias, { stride, padding, dilation, groups });
  backward(output, tensor(dy, { shape: output.shape, dtype: "float32" }));
  const copy = (t: Tensor) => ({ shape: t.shape, data: Float64Array.from(t.data) });
  const result = {
    output: copy(output),
    input: copy(input.grad!),
    weight: copy(weight.grad!),
    bias: bias ? copy(bias.grad!) : { shape: [groups * outputs], data: new Float64Array(groups * outputs) },
  };
  for (const t of [input, weight, bias, output]) t?.dispose();
  return result;
}

/** A stream of numbers that a seed decides. */
function stream(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

function agree(at: Case, draw: number): void {
  const random = stream(draw);
  const numbers = numbersOf(at, () => Math.floor(random() * 17) - 8);
  const expected = oracle(at, numbers.x, numbers.w, numbers.b, numbers.dy);
  const actual = compute(at, numbers);
  bits(actual.output, positive(expected.output), "output");
  bits(actual.input, positive(expected.input), "gradient of input");
  bits(actual.weight, positive(expected.weight), "gradient of weight");
  if (at.bias) bits(actual.bias, positive(expected.bias), "gradient of bias");
}

/** Sums of integers have no −0. */
function positive({ shape, data }: Numbers): Numbers {
  return { shape, data: data.map((value) => value + 0) };
}

const plain: Case = {
  images: 2,
  groups: 1,
  channels: 3,
  outputs: 8,
  size: [8, 8],
  kernel: [3, 3],
  stride: [1, 1],
  padding: [0, 0],
  dilation: [1, 1],
  bias: true,
};

suite("conv2d", (test) => {
  test("the worked example of its page", () => {
    const input = tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]], { requiresGrad: true }); // biome-ignore format: as on paper
    const weight = tensor([[[[1, 0], [1, 1]]]], { requiresGrad: true }); // biome-ignore format: as on paper
    const bias = tensor([0], { requiresGrad: true });
    const output = conv2d(input, weight, bias);
    assert.equal(output.toArray(), [[[[10, 13], [19, 22]]]]); // biome-ignore format: as on paper
    backward(output, tensor([[[[1, 1], [1, 1]]]])); // biome-ignore format: as on paper
    assert.equal(weight.grad!.toArray(), [[[[12, 16], [24, 28]]]]); // biome-ignore format: as on paper
    assert.equal(input.grad!.toArray(), [[[[1, 1, 0], [2, 3, 1], [1, 2, 1]]]]); // biome-ignore format: as on paper
    assert.equal(bias.grad!.toArray(), [4]);
    bias.dispose();
  });

  test("exact on integers, whatever the geometry", () => {
    fc.assert(
      fc.property(cases, fc.integer(), (at, draw) => agree(at, draw)),
      { numRuns: 2000, seed },
    );
  });
});
