import fc from "fast-check";
import * as assert from "uvu/assert";
import { ShapeError } from "../../../src/errors.ts";
import { concat, relu, reshape, reshapeParticle, tensor, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

const images = () => zeros([64, 64, 7, 7]);

particleTest(
  reshapeParticle,
  {
    samples: anyShape({ minSize: 1 }).chain((input) => {
      const size = input.reduce((a, b) => a * b, 1);
      const divisors = Array.from({ length: size }, (_, k) => k + 1).filter((k) => size % k === 0);
      return fc
        .constantFrom(...divisors)
        .chain((d) => fc.constantFrom([d, -1], [-1, d], [1, d, size / d], [size]))
        .map((shape) => ({ inputs: { input }, attributes: { shape } }));
    }),
    always: [
      { inputs: { input: [0, 3] }, attributes: { shape: [3, -1] } },
      { inputs: { input: [] }, attributes: { shape: [1, 1] } },
      { inputs: { input: [1] }, attributes: { shape: [] } },
      { inputs: { input: { shape: [2, 3], data: [1, 2, 3, 4, 5, 255], dtype: "uint8" } }, attributes: { shape: [6] } },
      {
        inputs: { input: { shape: [2, 3], data: [1, 2, 3, 4, 5, -6], dtype: "int32" } },
        attributes: { shape: [3, 2] },
      },
    ],
    accuracy: "exact",
    multilinear: true,
    cases: 100,
    special: [
      {
        inputs: {
          input: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        },
        attributes: { shape: [3, 2] },
        output: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        grad: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        gradients: {
          input: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        },
      },
    ],
    errors: [
      [
        () => reshape(images(), [64, 64 * 4 * 4]),
        ShapeError,
        "reshape: 64 samples × 3136 values cannot be rows of 1024; the batch would become 196. Did you mean 64*7*7 = 3136?",
      ],
      [
        () => reshape(images(), [-1, 1000]),
        ShapeError,
        "reshape: 64 samples × 3136 values cannot be rows of 1000; 200704 values are no whole number of rows. Did you mean 64*7*7 = 3136?",
      ],
      [
        () => reshape(zeros([2, 3]), [4, 2]),
        ShapeError,
        "reshape: 2 samples × 3 values cannot be rows of 2; the batch would become 3. Did you mean 3?",
      ],
      [
        () => reshape(zeros([6]), [4]),
        ShapeError,
        "reshape: 6 elements do not fill [4], which takes 4 (input [6]); check the sizes, or leave one as −1",
      ],
      [
        () => reshape(zeros([6]), [-1, 2, 2]),
        ShapeError,
        "reshape: 6 elements do not fill [-1, 2, 2], which takes a multiple of 4 (input [6]); check the sizes, or leave one as −1",
      ],
      [
        () => reshape(zeros([6]), [-1, -1]),
        ShapeError,
        "reshape: −1 stands 2 times in [-1, -1] (input [6]); only one size can be worked out",
      ],
      [
        () => reshape(zeros([0]), [0, -1]),
        ShapeError,
        "reshape: −1 in [0, -1] could be any size, for the others give 0 elements (input [0]); name the size",
      ],
      [
        () => reshape(zeros([6]), [2.5, -1]),
        ShapeError,
        "reshape: size 2.5 is not a whole number of at least 0 (shape [2.5])",
      ],
    ],
  },
  (test) => {
    test("shares the block", () => {
      const x = tensor([1, 2, 3, 4]);
      const y = reshape(x, [2, 2]);
      x.data[3] = 9;
      bits(y, { shape: [2, 2], data: [1, 2, 3, 9] });
    });

    test("outlives the input", () => {
      const x = tensor([1, 2, 3, 4]);
      const y = reshape(x, [2, 2]);
      x.dispose();
      bits(y, { shape: [2, 2], data: [1, 2, 3, 4] });
    });

    test("rows that do not hold a sample each are legal, as in PyTorch", () => {
      bits([...reshape(images(), [-1, 64 * 4 * 4]).shape], [196, 1024]);
    });

    test("such rows are named by the op that stumbles over them", () => {
      const x = zeros([64, 64, 7, 7], { requiresGrad: true });
      const rows = relu(reshape(x, [-1, 64 * 4 * 4]));
      const hint =
        "before that, reshape made 196 rows of 1024 from 64 samples × 3136 values. Did you mean 64*7*7 = 3136?";
      assert.throws(
        () => concat([rows, zeros([64, 10])], 1),
        (error: unknown) =>
          error instanceof ShapeError && error.message.startsWith("concat: ") && error.message.endsWith(`; ${hint}`),
      );
    });
  },
);
