import * as assert from "uvu/assert";
import { ShapeError } from "../../../src/errors.ts";
import { rand, sum, sumParticle, tensor, zeros } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { longReductions, reductionSamples } from "../../helpers/reductionSamples.ts";

particleTest(
  sumParticle,
  {
    samples: reductionSamples(),
    always: longReductions,
    large: [
      { inputs: { input: [300, 1001] }, attributes: { axes: 0, keepDim: false } },
      { inputs: { input: [300, 1001] }, attributes: { axes: 1, keepDim: false } },
      { inputs: { input: [300, 1001] }, attributes: { axes: undefined, keepDim: false } },
    ],
    accuracy: "sums",
    special: [
      {
        // The worked example of its page.
        inputs: { input: [[1, 2, 3], [4, 5, 6]] }, // biome-ignore format: as on paper
        attributes: { axes: 1, keepDim: false },
        output: [6, 15],
        grad: [1, 2],
        gradients: { input: [[1, 1, 1], [2, 2, 2]] }, // biome-ignore format: as on paper
      },
      { inputs: { input: { shape: [0], data: [] } }, attributes: { axes: undefined, keepDim: false }, output: 0 },
      {
        inputs: { input: { shape: [2, 0], data: [] } },
        attributes: { axes: 1, keepDim: true },
        output: [[0], [0]],
      },
      { inputs: { input: [-0, -0] }, attributes: { axes: undefined, keepDim: false }, output: 0 },
      { inputs: { input: [[1, 2]] }, attributes: { axes: [], keepDim: false }, output: [[1, 2]] },
    ],
    errors: [
      [
        () => sum(zeros([2, 3]), 2),
        ShapeError,
        "sum: axis 2 is out of range for 2 dimensions; it must be a whole number from -2 to 1",
      ],
      [() => sum(zeros([2, 3]), [0, -2]), ShapeError, "sum: axes [0, -2] name an axis twice; give each once"],
    ],
  },
  (test) => {
    test("a sum of 1.6 million numbers is right to 5e-7", () => {
      for (const make of [() => rand([1_600_000]), () => tensor(new Float32Array(1_600_000).fill(0.1))]) {
        const input = make();
        let exact = 0;
        for (const x of input.data) exact += x;
        const relative = Math.abs(sum(input).item() / exact - 1);
        assert.ok(relative < 5e-7, `relative error ${relative}`);
      }
    });
  },
);
