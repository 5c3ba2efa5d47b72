/** linear: any axes before the features, bits that the batch does not change, and errors that say what was mixed up. */

import fc from "fast-check";
import { backward } from "../../../src/core/backward.ts";
import { tensor } from "../../../src/core/creation.ts";
import type { Shape } from "../../../src/core/shape.ts";
import { show, sizeOf } from "../../../src/core/shape.ts";
import { ShapeError } from "../../../src/errors.ts";
import { SGD } from "../../../src/optim/sgd.ts";
import { linear, linearParticle } from "../../../src/particles/matrix/linear.ts";
import { sum } from "../../../src/particles/reduction/sum.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anySize, lengths } from "../../helpers/shapes.ts";
import { randomIn } from "../../helpers/values.ts";

type Ports = { input: Shape; weight: Shape; bias?: Shape };

const sample = (input: Shape, outputs: number, bias = true) => {
  const inputs: Ports = { input, weight: [outputs, input.at(-1)!] };
  return { inputs: bias ? { ...inputs, bias: [outputs] } : inputs };
};

const samples = fc
  .record({
    rows: fc.oneof(
      fc.constant([]),
      anySize(40).map((size) => [size]),
      fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 5 })),
    ),
    inputs: fc.oneof(
      { weight: 4, arbitrary: anySize(40) },
      { weight: 1, arbitrary: fc.integer({ min: 250, max: 530 }) },
    ),
    outputs: anySize(40),
    bias: fc.boolean(),
  })
  .filter(({ rows, inputs, outputs }) => sizeOf(rows) * inputs * outputs < 20000)
  .map(({ rows, inputs, outputs, bias }) => sample([...rows, inputs], outputs, bias));

const zeros = (shape: Shape) => tensor(new Float32Array(sizeOf(shape)), { shape });
const fits = (input: Shape, weight: Shape, bias?: Shape) => () =>
  linear(zeros(input), zeros(weight), bias && zeros(bias));

particleTest(
  linearParticle,
  {
    samples,
    always: [
      ...lengths.map((rows) => sample([rows, 5], 9)),
      ...lengths.map((outputs) => sample([5, 6], outputs)),
      sample([0, 3], 2),
      sample([3, 0], 2),
      sample([3, 2], 0),
      sample([2, 0, 3], 2),
      sample([200, 3], 5),
      sample([5000, 1], 1),
    ],
    large: [{ inputs: { input: [600, 300], weight: [200, 300], bias: [200] } }],
    accuracy: "sums",
    special: [
      {
        inputs: { input: [[1, 2], [3, 4]], weight: [[5, 6], [7, 8], [9, 10]], bias: [1, 0, -1] }, // biome-ignore format: as on paper
        output: [[18, 23, 28], [40, 53, 66]], // biome-ignore format: as on paper
        grad: [[1, 0, 2], [0, 1, 0]], // biome-ignore format: as on paper
        gradients: { input: [[23, 26], [7, 8]], weight: [[1, 2], [3, 4], [2, 4]], bias: [1, 1, 2] }, // biome-ignore format: as on paper
      },
    ],
    errors: [
      [
        fits([196, 1024], [128, 3136]),
        ShapeError,
        "linear: input has 1024 features but weight expects 3136 (input [196, 1024], weight [128, 3136]); 196 rows of 1024 are 64 rows of 3136: was it flattened to rows of the wrong length?",
      ],
      [
        fits([64, 64, 7, 7], [128, 3136]),
        ShapeError,
        "linear: input has 7 features but weight expects 3136 (input [64, 64, 7, 7], weight [128, 3136]); flatten each sample first: 64*7*7 = 3136",
      ],
      [
        fits([4, 10], [5, 3], [5]),
        ShapeError,
        "linear: input has 10 features but weight expects 3 (input [4, 10], weight [5, 3]); they must be equal",
      ],
      [
        fits([4, 10], [10, 3]),
        ShapeError,
        "linear: input has 10 features but weight expects 3 (input [4, 10], weight [10, 3]); weight is [out, in] and looks transposed",
      ],
      [
        fits([4, 3], [5, 3], [3]),
        ShapeError,
        "linear: bias must be [5], one number for each row of weight (bias [3], weight [5, 3])",
      ],
      [fits([4, 3], [3]), ShapeError, "linear: weight must have 2 dimensions (out, in), got 1 (weight [3])"],
      [
        fits([], [5, 3]),
        ShapeError,
        "linear: input must have at least 1 dimension, got a scalar (input [], weight [5, 3]); its last axis is the features",
      ],
    ],
  },
  (test) => {
    test("a row has the same bits in a batch of 64, alone, and as a vector", () => {
      const random = randomIn(2);
      const fill = (shape: Shape) =>
        tensor(
          Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.5),
          { shape },
        );
      for (const [inputs, outputs] of [
        [3136, 128],
        [784, 100],
        [257, 10],
        [128, 10],
        [10, 3],
      ] as const) {
        const [input, weight, bias] = [fill([64, inputs]), fill([outputs, inputs]), fill([outputs])];
        const whole = linear(input, weight, bias).data.slice();
        bits(linear(input, weight, bias).data, whole, `again, with a packed weight, ${outputs} outputs`);
        const some = tensor(input.data.slice(0, 5 * inputs), { shape: [5, inputs] });
        bits(linear(some, weight, bias).data, whole.slice(0, 5 * outputs), `5 rows, ${outputs} outputs`);
        for (let row = 0; row < 64; row++) {
          const expected = whole.slice(row * outputs, (row + 1) * outputs);
          const single = input.data.slice(row * inputs, (row + 1) * inputs);
          for (const shape of [[1, inputs], [inputs]]) {
            const what = `row ${row} as ${show(shape)}, ${outputs} outputs`;
            bits(linear(tensor(single, { shape }), weight, bias).data, expected, what);
          }
        }
      }
    });

    test("a weight that changes is packed anew", () => {
      const input = tensor(Float32Array.from({ length: 64 }, (_, index) => index));
      const weight = tensor(new Float32Array(16 * 64).fill(1), { shape: [16, 64], requiresGrad: true });
      const expected = (each: number) => new Float32Array(16).fill((each * 64 * 63) / 2);
      for (let turn = 0; turn < 3; turn++) bits(linear(input, weight).data, expected(1), `turn ${turn}`);
      backward(sum(weight));
      new SGD([weight], { lr: 1, maximize: true }).step();
      for (let turn = 0; turn < 3; turn++) bits(linear(input, weight).data, expected(2), `turn ${turn} after a step`);
      weight.data.fill(3);
      for (let turn = 0; turn < 3; turn++) bits(linear(input, weight).data, expected(3), `turn ${turn} after writing`);
    });
  },
);
