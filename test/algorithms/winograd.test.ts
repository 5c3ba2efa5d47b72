import fc from "fast-check";
import * as assert from "uvu/assert";
import { configure } from "../../src/core/configure.ts";
import { tensor, zeros } from "../../src/core/creation.ts";
import type { Block } from "../../src/core/particle.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { setThreads } from "../../src/engine/threads.ts";
import { workspaceFor } from "../../src/engine/workspace.ts";
import { conv2d } from "../../src/particles/convolution/conv2d.ts";
import {
  type Conv2dGeometry,
  conv2dGeometry,
  conv2dShape,
  type Pair,
} from "../../src/particles/convolution/how/geometry.ts";
import { WinogradConvolution, winogradAppliesBackward } from "../../src/particles/convolution/how/winograd.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";
import { randomIn } from "../helpers/values.ts";

const seed = Number(process.env.SEED ?? 20261124);

interface Case {
  readonly images: number;
  readonly channels: number;
  readonly outputs: number;
  readonly size: Pair;
  readonly padding: Pair;
}

/** Every remainder of a tile of 4 × 4 outputs, one block and many, whole images in a block and bands of one. */
function casesUpTo(images: number, side: number): fc.Arbitrary<Case> {
  const length = fc.integer({ min: 1, max: side });
  const zerosBefore = fc.integer({ min: 0, max: 2 });
  return fc
    .record({
      images: fc.integer({ min: 1, max: images }),
      channels: fc.integer({ min: 2, max: 6 }).map((quads) => 4 * quads),
      outputs: fc.integer({ min: 1, max: 4 }).map((panels) => 8 * panels),
      size: fc.tuple(length, length),
      padding: fc.tuple(zerosBefore, zerosBefore),
    })
    .filter(({ size, padding }) => size.every((one, axis) => one + 2 * padding[axis]! >= 3));
}

function geometryOf({ images, channels, outputs, size, padding }: Case): Conv2dGeometry {
  return conv2dGeometry(
    { input: [images, channels, ...size], weight: [outputs, channels, 3, 3] },
    { stride: [1, 1], dilation: [1, 1], groups: 1, padding },
  );
}

/** The numbers of a case, in [−0.5, 0.5). */
function numbersOf(at: Case, draw: number) {
  const geometry = geometryOf(at);
  const random = randomIn(draw);
  const fill = (shape: Shape) =>
    tensor(
      Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.5),
      { shape },
    );
  const inputShape = [at.images, at.channels, ...at.size];
  return {
    geometry,
    input: fill(inputShape),
    weight: fill([at.outputs, at.channels, 3, 3]),
    bias: fill([at.outputs]),
    grad: fill(conv2dShape(geometry, inputShape)),
  };
}

type Numbers = ReturnType<typeof numbersOf>;

function scratchOf(geometry: Conv2dGeometry): number {
  const { forwardBytes, backwardBytes } = new WinogradConvolution(geometry);
  return workspaceFor(Math.max(forwardBytes, backwardBytes));
}

function blockOf({ storage, dtype, shape, size }: Tensor): Block {
  return { ptr: storage.ptr, storage, dtype, shape, size };
}

function forward({ geometry, input, weight, bias }: Numbers): Tensor {
  const output = zeros(conv2dShape(geometry, input.shape));
  const workspace = scratchOf(geometry);
  new WinogradConvolution(geometry).forward(blockOf(input), blockOf(weight), blockOf(bias), blockOf(output), workspace);
  return output;
}

function gradInput({ geometry, input, weight, grad }: Numbers): Tensor {
  const result = zeros(input.shape);
  const at = { input: blockOf(input), weight: blockOf(weight), grad: blockOf(grad) };
  new WinogradConvolution(geometry).gradients(at, { input: blockOf(result) }, 0);
  return result;
}

function gradWeight({ geometry, input, weight, grad }: Numbers): Tensor {
  const result = zeros(weight.shape);
  const workspace = scratchOf(geometry);
  const at = { input: blockOf(input), weight: blockOf(weight), grad: blockOf(grad) };
  new WinogradConvolution(geometry).gradients(at, { weight: blockOf(result) }, workspace);
  return result;
}

/** All three results by the loops of the formula, in float64. */
function loops({ geometry, input, weight, bias, grad }: Numbers) {
  const { images, channels, outputs, rows, columns } = geometry;
  const [x, w, b, dy] = [input.data, weight.data, bias.data, grad.data];
  const y = new Float64Array(dy.length);
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(w.length);
  let at = 0;
  for (let n = 0; n < images; n++) {
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < rows.output; i++) {
        for (let j = 0; j < columns.output; j++, at++) {
          let sum = b[o]!;
          for (let c = 0; c < channels; c++) {
            for (let r = 0; r < 3; r++) {
              for (let s = 0; s < 3; s++) {
                const [h, v] = [i + r - rows.before, j + s - columns.before];
                if (h < 0 || h >= rows.input || v < 0 || v >= columns.input) continue;
                const inputAt = ((n * channels + c) * rows.input + h) * columns.input + v;
                const weightAt = ((o * channels + c) * 3 + r) * 3 + s;
                sum += x[inputAt]! * w[weightAt]!;
                dx[inputAt]! += dy[at]! * w[weightAt]!;
                dw[weightAt]! += dy[at]! * x[inputAt]!;
              }
            }
          }
          y[at] = sum;
        }
      }
    }
  }
  return { y, dx, dw };
}

/** The root of the mean squared error, relative to the root of the mean square of what is expected. */
function relativeError(actual: Tensor, expected: Float64Array): number {
  let error = 0;
  let all = 0;
  actual.data.forEach((value, index) => {
    error += (value - expected[index]!) ** 2;
    all += expected[index]! ** 2;
  });
  return Math.sqrt(error / all);
}

function near(at: Case, draw: number): void {
  const numbers = numbersOf(at, draw);
  const { y, dx, dw } = loops(numbers);
  for (const [what, actual, expected, most] of [
    ["output", forward(numbers), y, 2e-6],
    ["gradient of input", gradInput(numbers), dx, 2e-6],
    ["gradient of weight", gradWeight(numbers), dw, 3e-6],
  ] as const) {
    const error = relativeError(actual, expected);
    assert.ok(error <= most, `${what}: the relative error is ${error}, more than ${most}, for ${JSON.stringify(at)}`);
    actual.dispose();
  }
  for (const one of [numbers.input, numbers.weight, numbers.bias, numbers.grad]) one.dispose();
}

suite("winograd", (test) => {
  test("is near the sum in float64, whatever the size", () => {
    fc.assert(
      fc.property(casesUpTo(5, 19), fc.integer(), (at, draw) => near(at, draw)),
      { numRuns: 150, seed },
    );
  });

  test("is near it in every shape up to 9 × 9", () => {
    for (let height = 1; height <= 9; height++) {
      for (let width = 1; width <= 9; width++) {
        for (const pad of [0, 1, 2]) {
          if (Math.min(height, width) + 2 * pad < 3) continue;
          near({ images: 2, channels: 8, outputs: 8, size: [height, width], padding: [pad, pad] }, height * width);
        }
      }
    }
  });

  test("is near it where an image is cut into bands, and with 256 and more channels", () => {
    near({ images: 1, channels: 8, outputs: 16, size: [61, 47], padding: [1, 1] }, 1);
    near({ images: 2, channels: 8, outputs: 8, size: [5, 300], padding: [1, 0] }, 2);
    near({ images: 1, channels: 256, outputs: 8, size: [9, 6], padding: [2, 1] }, 3);
    near({ images: 1, channels: 12, outputs: 264, size: [6, 7], padding: [1, 1] }, 4);
    near({ images: 9, channels: 32, outputs: 64, size: [14, 14], padding: [1, 1] }, 5);
  });

  test("gives an image the same bits in any batch", () => {
    const one = ({ storage }: Tensor, shape: Shape, index: number) => {
      const part = zeros([1, ...shape.slice(1)]);
      part.data.set(new Float32Array(part.data.buffer, storage.ptr + 4 * index * part.size, part.size));
      return part;
    };
    fc.assert(
      fc.property(casesUpTo(1, 30), fc.integer(), (at, draw) => {
        const batch = numbersOf({ ...at, images: 8 }, draw);
        const outputs = forward(batch);
        const gradients = gradInput(batch);
        const made = [outputs, gradients, batch.input, batch.weight, batch.bias, batch.grad];
        for (let n = 0; n < 8; n++) {
          const single = {
            ...batch,
            geometry: geometryOf(at),
            input: one(batch.input, batch.input.shape, n),
            grad: one(batch.grad, batch.grad.shape, n),
          };
          const [output, gradient] = [forward(single), gradInput(single)];
          bits(output, one(outputs, outputs.shape, n), `output ${n}`);
          bits(gradient, one(gradients, gradients.shape, n), `gradient of input ${n}`);
          for (const tensor of [single.input, single.grad, output, gradient]) tensor.dispose();
        }
        for (const tensor of made) tensor.dispose();
      }),
      { numRuns: 25, seed },
    );
  });

  test("gives the same bits on three threads", async () => {
    const cases: Case[] = [
      { images: 40, channels: 8, outputs: 16, size: [14, 14], padding: [1, 1] },
      { images: 1, channels: 64, outputs: 40, size: [30, 21], padding: [1, 2] },
      { images: 3, channels: 68, outputs: 72, size: [7, 7], padding: [0, 1] },
    ];
    const all = () =>
      cases.flatMap((at, index) => {
        const numbers = numbersOf(at, index);
        return [forward(numbers), gradInput(numbers), gradWeight(numbers)].map(({ data }) => data.slice());
      });
    const alone = all();
    try {
      await setThreads(3);
      for (const [index, numbers] of all().entries()) bits(numbers, alone[index]!, `result ${index}`);
    } finally {
      await setThreads(1);
    }
  });

  test("computes again when the weight has changed", () => {
    const numbers = numbersOf({ images: 1, channels: 8, outputs: 8, size: [6, 6], padding: [1, 1] }, 6);
    const before = [forward(numbers), gradInput(numbers)];
    numbers.weight.data.forEach((value, index, data) => {
      data[index] = 2 * value;
    });
    numbers.bias.data.fill(0);
    numbers.weight.storage.version++;
    const { y, dx } = loops(numbers);
    assert.ok(relativeError(forward(numbers), y) < 2e-6);
    assert.ok(relativeError(gradInput(numbers), dx) < 2e-6);
    bits(
      gradInput(numbers).data,
      before[1]!.data.map((value) => 2 * value),
    );
  });

  test("an empty batch has no output and a weight gradient of zero", () => {
    const numbers = numbersOf({ images: 0, channels: 8, outputs: 8, size: [6, 6], padding: [1, 1] }, 7);
    assert.equal(forward(numbers).shape, [0, 8, 6, 6]);
    assert.equal(gradInput(numbers).shape, [0, 8, 6, 6]);
    bits(gradWeight(numbers).data, new Float32Array(576));
  });

  test("NaN and infinity reach every output that they are part of", () => {
    for (const special of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const numbers = numbersOf({ images: 2, channels: 8, outputs: 8, size: [9, 9], padding: [1, 1] }, 8);
      numbers.input.data[4 * 9 + 4] = special;
      const { data } = forward(numbers);
      for (let o = 0; o < 8; o++) {
        for (let i = 3; i <= 5; i++)
          for (let j = 3; j <= 5; j++) assert.not(Number.isFinite(data[(o * 9 + i) * 9 + j]!));
        assert.ok(Number.isFinite(data[o * 81 + 80]!), "a tile apart is touched");
      }
      assert.ok(data.slice(8 * 81).every(Number.isFinite), "the other image is touched");
    }
  });

  test("is what conv2d uses, unless it is turned off", () => {
    const numbers = numbersOf({ images: 2, channels: 8, outputs: 16, size: [9, 10], padding: [1, 1] }, 9);
    const run = () => conv2d(numbers.input, numbers.weight, numbers.bias, { padding: 1 });
    bits(run(), forward(numbers));
    configure({ winograd: false });
    try {
      const direct = relativeError(run(), loops(numbers).y);
      assert.ok(direct < relativeError(forward(numbers), loops(numbers).y), `${direct} is not less`);
      assert.ok(direct < 5e-7, `the sum itself is off by ${direct}`);
    } finally {
      configure({ winograd: true });
    }
  });

  test("applies by the geometry of one image alone", () => {
    const at = { images: 1, channels: 8, outputs: 8, size: [14, 14], padding: [1, 1] } as const;
    const applies = (changes: Partial<Case>) => winogradAppliesBackward(geometryOf({ ...at, ...changes }));
    assert.ok(applies({}));
    assert.ok(applies({ images: 64 }));
    assert.ok(applies({ images: 0 }));
    assert.ok(applies({ channels: 12, padding: [0, 2] }));
    assert.ok(applies({ size: [7, 7] }));
    assert.not(applies({ channels: 4 }));
    assert.not(applies({ channels: 9 }));
    assert.not(applies({ outputs: 4 }));
    assert.not(applies({ padding: [3, 1] }));
    assert.ok(applies({ size: [2, 2] }));
    assert.not(applies({ size: [1, 1] }));
    const { rows, ...rest } = geometryOf(at);
    for (const change of [{ stride: 2 }, { dilation: 2 }, { kernel: 5 }]) {
      assert.not(winogradAppliesBackward({ ...rest, rows: { ...rows, ...change } }));
    }
    assert.not(winogradAppliesBackward({ ...rest, rows, groups: 2 }));
  });
});
