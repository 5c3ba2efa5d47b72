import * as assert from "uvu/assert";
import { ShapeError } from "../../../src/errors.ts";
import { maxPool2d, randn, relu, reluMaxPool2d, reluMaxPool2dParticle, sum, zeros } from "../../../src/index.ts";
import { bits } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { poolSamples } from "../../helpers/poolSamples.ts";

const { NaN: nan, NEGATIVE_INFINITY: least } = Number;
const halving = { kernelSize: 2, stride: 2, padding: 0, dilation: 1, ceilMode: false } as const;
const plane = (...rows: number[][]) => [[rows]];
const wide = (...numbers: number[]) => [...numbers, 0, 0, 0, 0, 0, 0];

particleTest(
  reluMaxPool2dParticle,
  {
    samples: poolSamples(true),
    always: [
      { inputs: { input: [1, 2, 20, 20] }, attributes: { ...halving, kernelSize: [17, 16], stride: 1 } },
      { inputs: { input: [2, 3, 7, 7] }, attributes: { ...halving, ceilMode: true } },
    ],
    large: [
      { inputs: { input: [8, 16, 56, 56] }, attributes: halving },
      { inputs: { input: [8, 16, 56, 56] }, attributes: { ...halving, kernelSize: 3, padding: 1 } },
    ],
    accuracy: "exact",
    distinct: true,
    avoid: [0],
    batch: ["input"],
    special: [
      {
        inputs: { input: plane(wide(1, -3, -2, -1), wide(-4, 2, -1, -5)) },
        attributes: halving,
        output: plane([2, 0, 0, 0, 0]),
        grad: plane([5, 6, 7, 8, 9]),
        gradients: { input: plane(wide(0, 0, 0, 0), wide(0, 5, 0, 0)) },
      },
      {
        inputs: { input: plane(wide(nan, 1, least, -0), wide(2, nan, -1, -1)) },
        attributes: halving,
        output: plane([nan, 0, 0, 0, 0]),
      },
    ],
    errors: [
      [
        () => reluMaxPool2d(zeros([1, 1, 2, 2]), 3),
        ShapeError,
        "reluMaxPool2d: window 3×3 does not fit input 2×2 with padding 0 (input [1, 1, 2, 2]); use a smaller kernelSize or more padding",
      ],
    ],
    documented: true,
  },
  (test) => {
    test("has the bits of relu and then the pool, and of its gradient", () => {
      for (const [kernelSize, options] of [
        [2, {}],
        [3, { stride: 2, padding: 1 }],
        [[2, 3], { ceilMode: true }],
      ] as const) {
        const results = [true, false].map((fused) => {
          const x = randn([2, 3, 11, 13]);
          x.data.set(Float32Array.from(x.data, (_, at) => (at % 7 === 0 ? -0 : Math.fround(((at * 37) % 101) - 60))));
          x.requiresGrad = true;
          const y = fused ? reluMaxPool2d(x, kernelSize, options) : maxPool2d(relu(x), kernelSize, options);
          sum(y).backward();
          return [y, x.grad!] as const;
        });
        bits(results[0]![0], results[1]![0].data);
        bits(results[0]![1], results[1]![1].data);
      }
      assert.ok(true);
    });
  },
);
