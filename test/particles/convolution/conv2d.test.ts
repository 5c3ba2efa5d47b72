import fc from "fast-check";
import * as assert from "uvu/assert";
import { backward } from "../../../src/core/backward.ts";
import { configure } from "../../../src/core/configure.ts";
import { ones, tensor, zeros } from "../../../src/core/creation.ts";
import type { Shape } from "../../../src/core/shape.ts";
import { sizeOf } from "../../../src/core/shape.ts";
import type { Tensor } from "../../../src/core/tensor.ts";
import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { type Conv2dOptions, conv2d, conv2dParticle } from "../../../src/particles/convolution/conv2d.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { randomIn } from "../../helpers/values.ts";

const seed = Number(process.env.SEED ?? 20261123);

/** The image of the worked example on its page. */
const paper = [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]; // biome-ignore format: as on paper

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

/** Sizes that leave every remainder of tiles of 16 pixels × 2 and 4 × 8 channels, and images that a kernel may just not fit. */
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

function agree(at: Case, draw: number): void {
  const random = randomIn(draw);
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

const one = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 } as const;

/** What conv2d does with an input and a weight of these shapes. */
const call =
  (input: Shape, weight: Shape, options?: Conv2dOptions, bias?: Shape): (() => unknown) =>
  () =>
    conv2d(zeros(input), zeros(weight), bias && zeros(bias), options);

particleTest(
  conv2dParticle,
  {
    samples: cases
      .filter(({ images, size, outputs }) => images > 0 && size[0] * size[1] * outputs < 400)
      .map((at) => ({
        inputs: {
          input: [at.images % 3, at.groups * at.channels, ...at.size],
          weight: [at.groups * at.outputs, at.channels, ...at.kernel],
          ...(at.bias && { bias: [at.groups * at.outputs] }),
        },
        attributes: { stride: at.stride, padding: at.padding, dilation: at.dilation, groups: at.groups },
      })),
    always: [
      { inputs: { input: [2, 3, 7, 6], weight: [5, 3, 4, 2], bias: [5] }, attributes: { ...one, padding: "same" } },
      { inputs: { input: [1, 1, 1, 1], weight: [1, 1, 1, 1] }, attributes: one },
      { inputs: { input: [1, 2, 3, 3], weight: [9, 2, 3, 3] }, attributes: one },
    ],
    large: [
      {
        inputs: { input: [16, 8, 28, 28], weight: [24, 8, 3, 3], bias: [24] },
        attributes: { ...one, padding: [1, 1] },
      },
      { inputs: { input: [16, 1, 28, 28], weight: [16, 1, 5, 5] }, attributes: one },
      { inputs: { input: [8, 16, 28, 28], weight: [24, 8, 3, 3] }, attributes: { ...one, stride: [2, 2], groups: 2 } },
    ],
    accuracy: "sums",
    batch: ["input"],
    cases: 200,
    special: [
      {
        inputs: { input: paper, weight: [[[[1, 0], [1, 1]]]], bias: [0] }, // biome-ignore format: as on paper
        attributes: one,
        output: [[[[10, 13], [19, 22]]]], // biome-ignore format: as on paper
        grad: [[[[1, 1], [1, 1]]]], // biome-ignore format: as on paper
        gradients: {
          input: [[[[1, 1, 0], [2, 3, 1], [1, 2, 1]]]], // biome-ignore format: as on paper
          weight: [[[[12, 16], [24, 28]]]], // biome-ignore format: as on paper
          bias: [4],
        },
      },
    ],
    errors: [
      [
        call([8, 3, 28, 28], [16, 1, 5, 5]),
        ShapeError,
        "conv2d: input has 3 channels but weight expects 1 (input [8, 3, 28, 28], weight [16, 1, 5, 5]); the weight's second size must be 3",
      ],
      [
        call([8, 4, 9, 9], [16, 4, 5, 5], { groups: 2 }),
        ShapeError,
        "conv2d: input has 4 channels but weight expects 4 in each of 2 groups (input [8, 4, 9, 9], weight [16, 4, 5, 5]); the weight's second size must be 2",
      ],
      [
        call([8, 3, 9, 9], [16, 1, 5, 5], { groups: 2 }),
        ShapeError,
        "conv2d: input has 3 channels, which 2 groups do not divide (input [8, 3, 9, 9], weight [16, 1, 5, 5]); choose groups that divide both",
      ],
      [
        call([8, 4, 9, 9], [15, 2, 5, 5], { groups: 2 }),
        ShapeError,
        "conv2d: weight has 15 outputs, which 2 groups do not divide (input [8, 4, 9, 9], weight [15, 2, 5, 5]); choose groups that divide both",
      ],
      [
        call([8, 4, 9, 9], [15, 4, 5, 5], { groups: 0 }),
        ShapeError,
        "conv2d: groups 0 is not a whole number of at least 1 (input [8, 4, 9, 9], weight [15, 4, 5, 5]); 1 is no grouping",
      ],
      [
        call([9, 9], [15, 4, 5, 5]),
        ShapeError,
        "conv2d: input must have 4 dimensions (N, C, H, W, or C, H, W), got 2 (input [9, 9])",
      ],
      [
        call([1, 4, 9, 9], [15, 4, 5]),
        ShapeError,
        "conv2d: weight must have 4 dimensions (O, C/groups, kH, kW), got 3 (weight [15, 4, 5])",
      ],
      [
        call([1, 1, 2, 2], [1, 1, 3, 3]),
        ShapeError,
        "conv2d: kernel 3×3 does not fit input 2×2 with padding [0, 0] (input [1, 1, 2, 2], weight [1, 1, 3, 3]); pad more, or use a smaller kernel",
      ],
      [
        call([1, 1, 4, 9], [1, 1, 3, 3], { dilation: [2, 1] }),
        ShapeError,
        "conv2d: kernel 3×3 with dilation [2, 1] does not fit input 4×9 with padding [0, 0] (input [1, 1, 4, 9], weight [1, 1, 3, 3]); pad more, or use a smaller kernel",
      ],
      [
        call([1, 1, 4, 4], [1, 1, 3, 3], { stride: [1, 0] }),
        ShapeError,
        "conv2d: stride [1, 0] must be whole numbers of at least 1 (input [1, 1, 4, 4], weight [1, 1, 3, 3]); give one number, or [rows, columns]",
      ],
      [
        call([1, 1, 4, 4], [1, 1, 3, 3], { dilation: 0 }),
        ShapeError,
        "conv2d: dilation [0, 0] must be whole numbers of at least 1 (input [1, 1, 4, 4], weight [1, 1, 3, 3]); give one number, or [rows, columns]",
      ],
      [
        call([1, 1, 4, 4], [1, 1, 3, 3], { padding: -1 }),
        ShapeError,
        "conv2d: padding [-1, -1] must be whole numbers of at least 0 (input [1, 1, 4, 4], weight [1, 1, 3, 3]); give one number, or [rows, columns]",
      ],
      [
        call([1, 1, 4, 4], [1, 1, 3, 3], { padding: [0, 0.5] }),
        ShapeError,
        "conv2d: padding [0, 0.5] must be whole numbers of at least 0 (input [1, 1, 4, 4], weight [1, 1, 3, 3]); give one number, or [rows, columns]",
      ],
      [
        call([1, 1, 4, 4], [1, 1, 3, 3], { padding: "same", stride: 2 }),
        ShapeError,
        'conv2d: padding "same" needs stride 1, got [2, 2] (input [1, 1, 4, 4], weight [1, 1, 3, 3]); give the padding in numbers',
      ],
      [
        call([1, 0, 4, 4], [1, 0, 3, 3]),
        ShapeError,
        "conv2d: input has 0 channels (input [1, 0, 4, 4], weight [1, 0, 3, 3]); only the batch may be empty",
      ],
      [
        call([1, 1, 0, 4], [1, 1, 1, 1], { padding: 1 }),
        ShapeError,
        "conv2d: input has 0 rows (input [1, 1, 0, 4], weight [1, 1, 1, 1]); only the batch may be empty",
      ],
      [
        call([1, 1, 4, 0], [1, 1, 1, 1], { padding: 1 }),
        ShapeError,
        "conv2d: input has 0 columns (input [1, 1, 4, 0], weight [1, 1, 1, 1]); only the batch may be empty",
      ],
      [
        call([1, 1, 4, 4], [0, 1, 1, 1]),
        ShapeError,
        "conv2d: weight has 0 outputs (input [1, 1, 4, 4], weight [0, 1, 1, 1]); only the batch may be empty",
      ],
      [
        call([1, 1, 4, 4], [1, 1, 0, 3]),
        ShapeError,
        "conv2d: weight has a kernel of 0×3 (input [1, 1, 4, 4], weight [1, 1, 0, 3]); only the batch may be empty",
      ],
      [
        call([1, 1, 4, 4], [2, 1, 3, 3], {}, [3]),
        ShapeError,
        "conv2d: bias must have one number for each of 2 outputs, got [3] (input [1, 1, 4, 4], weight [2, 1, 3, 3], bias [3]); use shape [2]",
      ],
      [
        call([1, 1, 4, 4], [2, 1, 3, 3], { padding: 20000, stride: 20000 }),
        ShapeError,
        "conv2d: the padded input has 1600320016 elements, more than 536870908 (input [1, 1, 4, 4], weight [2, 1, 3, 3]); pad less",
      ],
      [
        () => conv2d(zeros([1, 1, 4, 4], { dtype: "int32" }), zeros([2, 1, 3, 3])),
        DtypeError,
        'conv2d: input must be float32, got int32 (input [1, 1, 4, 4]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("exact on integers, whatever the geometry", () => {
      fc.assert(
        fc.property(cases, fc.integer(), (at, draw) => agree(at, draw)),
        { numRuns: 2000, seed },
      );
    });

    test("exact on integers in strips and slices", () => {
      const wide: Case = {
        images: 2,
        groups: 1,
        channels: 40,
        outputs: 20,
        size: [23, 21],
        kernel: [3, 3],
        stride: [1, 1],
        padding: [1, 1],
        dilation: [1, 1],
        bias: true,
      };
      // 3 × 3 of stride 1 would go Winograd's way, which is not exact on integers.
      configure({ winograd: false });
      try {
        agree(wide, 1);
        agree({ ...wide, padding: [0, 0] }, 2);
      } finally {
        configure({ winograd: true });
      }
      agree({ ...wide, padding: [12, 2], kernel: [5, 2], images: 1 }, 3);
      agree({ ...wide, stride: [2, 3], size: [31, 28] }, 4);
      agree({ ...wide, stride: [3, 1], dilation: [2, 2], images: 1 }, 5);
      agree({ ...wide, kernel: [1, 1], padding: [0, 0], channels: 90 }, 6);
      agree({ ...wide, kernel: [1, 1], padding: [0, 0], stride: [2, 2], channels: 60 }, 7);
      // Images so large that their copies, and what the phases of an input gradient give, are cut into strips.
      agree({ ...wide, images: 1, channels: 33, outputs: 3, size: [61, 70], kernel: [3, 5] }, 8);
      agree({ ...wide, images: 1, channels: 9, outputs: 10, size: [120, 118], kernel: [5, 3], stride: [2, 2] }, 9);
      agree({ ...wide, images: 20, channels: 5, outputs: 7, size: [5, 5], kernel: [3, 2] }, 10);
    });

    test("options are numbers, pairs and words", () => {
      const shape = (options: Conv2dOptions) =>
        conv2d(zeros([1, 2, 9, 8]), zeros([4, 2, 3, 2]), undefined, options).shape;
      assert.equal(shape({}), [1, 4, 7, 7]);
      assert.equal(shape({ stride: 2, padding: [1, 0] }), [1, 4, 5, 4]);
      assert.equal(shape({ padding: "valid", dilation: [2, 3] }), [1, 4, 5, 5]);
      assert.equal(shape({ padding: "same", dilation: 3 }), [1, 4, 9, 8]);
      assert.equal(conv2d(zeros([0, 2, 9, 8]), zeros([4, 2, 3, 2])).shape, [0, 4, 7, 7]);
      assert.equal(conv2d(zeros([2, 9, 8]), zeros([4, 2, 3, 2])).shape, [4, 7, 7]);
      assert.equal(conv2d(zeros([1, 2, 3, 3]), zeros([4, 2, 3, 3])).shape, [1, 4, 1, 1]);
    });

    test("an image without a batch axis is a batch of one", () => {
      const random = randomIn(seed);
      const data = Float32Array.from({ length: 3 * 7 * 6 + 5 * 3 * 3 * 2 }, random);
      const weight = tensor(data.slice(126), { shape: [5, 3, 3, 2], requiresGrad: true });
      const run = (shape: Shape) => {
        const input = tensor(data.slice(0, 126), { shape, requiresGrad: true });
        const output = conv2d(input, weight, undefined, { stride: 2, padding: 1 });
        backward(output, ones(output.shape));
        return [input.grad!.data.slice(), output.data.slice()] as const;
      };
      const [single, batch] = [run([3, 7, 6]), run([1, 3, 7, 6])];
      bits(single[0], batch[0]);
      bits(single[1], batch[1]);
    });

    test("packed weights follow the weight", () => {
      const weight = tensor([[[[1]]]]);
      const input = tensor([[[[3]]]]);
      assert.is(conv2d(input, weight).item(), 3);
      weight.data[0] = 2;
      assert.is(conv2d(input, weight).item(), 6);
    });

    test("options may be changed afterwards", () => {
      const [input, weight] = [zeros([1, 1, 8, 8]), zeros([1, 1, 2, 2])];
      const stride: [number, number] = [1, 1];
      assert.equal(conv2d(input, weight, undefined, { stride }).shape, [1, 1, 7, 7]);
      stride.fill(2);
      assert.equal(conv2d(input, weight, undefined, { stride }).shape, [1, 1, 4, 4]);
    });
  },
);
