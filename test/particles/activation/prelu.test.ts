import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { prelu, preluParticle, zeros } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape, lengths } from "../../helpers/shapes.ts";

particleTest(preluParticle, {
  samples: fc
    .tuple(anyShape(), fc.boolean())
    .map(([input, each]) => ({ inputs: { input, weight: [each && input.length > 1 ? input[1]! : 1] } })),
  always: lengths.map((length) => ({ inputs: { input: [2, length], weight: [length] } })),
  large: [{ inputs: { input: [3, 11, 9001], weight: [11] } }, { inputs: { input: [300_001], weight: [1] } }],
  accuracy: "exact",
  avoid: [0],
  plantIn: ["input"],
  special: [
    {
      // The worked example of its page.
      inputs: { input: [[-2, 4], [1, -3]], weight: [0.25, 0.5] }, // biome-ignore format: as on paper
      output: [[-0.5, 4], [1, -1.5]], // biome-ignore format: as on paper
      grad: [[1, 1], [1, 1]], // biome-ignore format: as on paper
      gradients: { input: [[0.25, 1], [1, 0.5]], weight: [-2, -3] }, // biome-ignore format: as on paper
    },
    {
      inputs: { input: [0, -1], weight: [0.5] },
      output: [0, -0.5],
      grad: [1, 1],
      gradients: { input: [0.5, 0.5], weight: [-1] },
    },
  ],
  errors: [
    [
      () => prelu(zeros([2, 3]), zeros([2])),
      ShapeError,
      "prelu: weight must have 1 number or one for each of the 3 channels, got 2 (input [2, 3], weight [2]); channels lie along axis 1",
    ],
  ],
});
