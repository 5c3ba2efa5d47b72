/** matmul: PyTorch's rules of shape, every remainder of a tile in all transpositions, and bits that no neighbour changes. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { backward } from "../../../src/core/backward.ts";
import { tensor } from "../../../src/core/creation.ts";
import { costFor } from "../../../src/core/plans.ts";
import type { Shape } from "../../../src/core/shape.ts";
import { sizeOf } from "../../../src/core/shape.ts";
import { kernels } from "../../../src/engine/generated/matrix.ts";
import { engine } from "../../../src/engine/module.ts";
import { Storage } from "../../../src/engine/storage.ts";
import { ShapeError } from "../../../src/errors.ts";
import { multiply } from "../../../src/particles/matrix/how/matrixProduct.ts";
import { matmul, matmulParticle } from "../../../src/particles/matrix/matmul.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anySize, lengths } from "../../helpers/shapes.ts";
import { randomIn } from "../../helpers/values.ts";

/** Two shapes that can be multiplied: matrices, vectors, and stacks that broadcast. */
const operands = fc
  .record({
    M: anySize(40),
    N: anySize(40),
    K: fc.oneof({ weight: 4, arbitrary: anySize(40) }, { weight: 1, arbitrary: fc.integer({ min: 250, max: 530 }) }),
    batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
    shrinkA: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    shrinkB: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    dropped: fc.nat(3),
    kind: fc.constantFrom("matrices", "matrices", "stacks", "stacks", "row", "column", "dot"),
  })
  .map(({ M, N, K, batch, shrinkA, shrinkB, dropped, kind }) => {
    const stackA = kind === "stacks" || kind === "column" ? batch.map((size, axis) => (shrinkA[axis] ? 1 : size)) : [];
    const stackB = kind === "stacks" || kind === "row" ? batch.map((size, axis) => (shrinkB[axis] ? 1 : size)) : [];
    const a = kind === "row" || kind === "dot" ? [K] : [...stackA, M, K];
    const b = kind === "column" || kind === "dot" ? [K] : [...stackB.slice(Math.min(dropped, stackB.length)), K, N];
    return { a, b };
  })
  .filter(({ a, b }) => costFor(matmulParticle, { a, b }, undefined).flops < 40000);

const sample = (a: Shape, b: Shape) => ({ inputs: { a, b } });
const fits = (a: Shape, b: Shape) => () => matmul(zeros(a), zeros(b));
const zeros = (shape: Shape) => tensor(new Float32Array(sizeOf(shape)), { shape });

particleTest(
  matmulParticle,
  {
    samples: operands.map(({ a, b }) => sample(a, b)),
    always: [
      ...lengths.flatMap((size) => [
        sample([size, 5], [5, 9]),
        sample([5, 6], [6, size]),
        sample([5, size], [size, 9]),
      ]),
      sample([0, 3], [3, 2]),
      sample([2, 3], [3, 0]),
      sample([2, 0], [0, 3]),
      sample([0], [0]),
      sample([0, 2, 3], [3, 4]),
      sample([0, 2, 3], [1, 3, 4]),
      sample([1, 2, 3], [0, 3, 4]),
      sample([2, 1, 2, 3], [3, 3, 4]),
      sample([3, 2, 0], [3, 0, 2]),
      sample([4, 257], [257, 9]),
    ],
    large: [{ inputs: { a: [300, 200], b: [200, 310] } }, { inputs: { a: [9, 70, 65], b: [65, 80] } }],
    accuracy: "sums",
    special: [
      {
        inputs: {
          a: [[1, 2], [3, 4]], // biome-ignore format: as on paper
          b: [[5, 6], [7, 8]], // biome-ignore format: as on paper
        },
        output: [[19, 22], [43, 50]], // biome-ignore format: as on paper
        grad: [[1, 0], [0, 1]], // biome-ignore format: as on paper
        gradients: { a: [[5, 7], [6, 8]], b: [[1, 3], [2, 4]] }, // biome-ignore format: as on paper
      },
      { inputs: { a: [1, 2, 3], b: [4, 5, 6] }, output: 32, grad: 1, gradients: { a: [4, 5, 6], b: [1, 2, 3] } },
      { inputs: { a: [[0, 1]], b: [[Number.POSITIVE_INFINITY], [2]] }, output: [[Number.NaN]] },
    ],
    errors: [
      [fits([32, 784], [100, 10]), ShapeError, "matmul: inner sizes differ, 784 and 100 (a [32, 784], b [100, 10])"],
      [fits([3], [4]), ShapeError, "matmul: inner sizes differ, 3 and 4 (a [3], b [4])"],
      [
        fits([], [4]),
        ShapeError,
        "matmul: a must have at least 1 dimension, got a scalar (a [], b [4]); multiply by it with mul",
      ],
      [
        fits([4], []),
        ShapeError,
        "matmul: b must have at least 1 dimension, got a scalar (a [4], b []); multiply by it with mul",
      ],
      [
        fits([2, 5, 3], [4, 3, 6]),
        ShapeError,
        "matmul: stacks of 2 and 4 matrices at axis -3 do not match (a [2, 5, 3], b [4, 3, 6]); they must be equal, or one of them 1",
      ],
    ],
  },
  (test) => {
    test("a row has the same bits in a batch of 64, alone, and as a column", () => {
      const random = randomIn(1);
      const fill = (shape: Shape) =>
        tensor(
          Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.5),
          { shape },
        );
      for (const [K, N] of [
        [3136, 128],
        [257, 10],
        [128, 10],
        [50, 33],
        [60, 10],
        [7, 8],
        [601, 1100],
        [1, 1],
      ] as const) {
        // biome-ignore format: a table
        const a = fill([64, K]);
        const b = fill([K, N]);
        const whole = matmul(a, b).data.slice();
        for (const rows of [1, 2, 3, 4, 7, 63]) {
          const part = tensor(a.data.slice(0, rows * K), { shape: [rows, K] });
          bits(matmul(part, b).data, whole.slice(0, rows * N), `${rows} of 64 rows, K ${K}, N ${N}`);
        }
        const last = tensor(a.data.slice(63 * K), { shape: [K] });
        bits(matmul(last, b).data, whole.slice(63 * N), `the last row as a vector, K ${K}, N ${N}`);
        const column = tensor(
          Float32Array.from({ length: K }, (_, k) => b.data[k * N + N - 1]!),
          { shape: [K] },
        );
        const expected = Float32Array.from({ length: 64 }, (_, row) => whole[row * N + N - 1]!);
        bits(matmul(a, column).data, expected, `the last column as a vector, K ${K}, N ${N}`);
      }
    });

    test("the kernel in all transpositions, cut anywhere, with bias and ReLU", () => {
      const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33];
      const cases: [number, number, number][] = [];
      for (const M of sizes) for (const N of sizes) for (const K of [1, 2, 3, 4, 5, 9]) cases.push([M, N, K]);
      cases.push(
        [64, 72, 1100],
        [70, 1030, 3],
        [140, 66, 600],
        [1, 90, 601],
        [3, 20, 513],
        [90, 1, 300],
        [66, 70, 1000],
      );
      for (const [M, N, K] of cases)
        for (let which = 0; which < 4; which++) checkKernel(M, N, K, which > 1, which % 2 > 0);
    });

    test("gradients of a stack that was broadcast are sums over it, in order", () => {
      const a = tensor([[[1, 2]], [[3, 4]], [[5, 6]]], { requiresGrad: true }); // biome-ignore format: as on paper
      const b = tensor([[[1], [10]]], { requiresGrad: true }); // biome-ignore format: as on paper
      const output = matmul(a, b);
      assert.equal(output.toArray(), [[[21]], [[43]], [[65]]]); // biome-ignore format: as on paper
      backward(output, tensor([[[1]], [[10]], [[100]]])); // biome-ignore format: as on paper
      assert.equal(b.grad!.toArray(), [[[531], [642]]]); // biome-ignore format: as on paper
      assert.equal(a.grad!.toArray(), [[[1, 10]], [[10, 100]], [[100, 1000]]]); // biome-ignore format: as on paper
    });
  },
);

/** One product on small integers against float64, computed whole and in pieces that end anywhere. */
function checkKernel(M: number, N: number, K: number, transA: boolean, transB: boolean): void {
  engine();
  const random = randomIn(M * 10007 + N * 101 + K);
  const fill = (size: number) => Float32Array.from({ length: size }, () => Math.floor(random() * 17) - 8);
  const [a, b, bias] = [fill(M * K), fill(K * N), fill(N)];
  const relu = random() < 0.5;
  const expected = new Float32Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = bias[n]!;
      for (let k = 0; k < K; k++) sum += a[transA ? k * M + m : m * K + k]! * b[transB ? n * K + k : k * N + n]!;
      expected[m * N + n] = relu && sum < 0 ? 0 : sum;
    }
  }
  const blocks = [a, b, bias].map((data) => {
    const storage = new Storage(data.byteLength, "operand", [data.length]);
    new Float32Array(engine().memory.buffer, storage.ptr, data.length).set(data);
    return storage;
  });
  const scratch = new Storage(kernels.matmulScratch(M, N, K), "scratch", []);
  const output = new Storage(4 * M * N, "output", [M, N]);
  const what = `${transA ? "T" : "N"}${transB ? "T" : "N"} ${M} × ${N} × ${K}`;
  const [x, y, z] = blocks.map(({ ptr }) => ptr) as [number, number, number];
  const view = () => new Float32Array(engine().memory.buffer, output.ptr, M * N);
  multiply(x, y, output.ptr, { M, N, K, transA, transB, bias: z, relu });
  bits(view(), expected, what);
  view().fill(Number.NaN);
  const units = kernels.matmulPanels(M, N);
  for (let from = 0; from < units; ) {
    const to = Math.min(units, from + 1 + Math.floor(random() * 3));
    const flags = [Number(transA), Number(transB), Number(relu)] as const;
    kernels.matmul(x, y, z, output.ptr, 0, 1, M, N, K, ...flags, scratch.ptr, from, to);
    from = to;
  }
  bits(view(), expected, `${what} in pieces`);
  for (const storage of [...blocks, scratch, output]) storage.release();
}
