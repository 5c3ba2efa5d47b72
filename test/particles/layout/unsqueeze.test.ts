import fc from "fast-check";
import { ShapeError } from "../../../src/errors.ts";
import { unsqueeze, unsqueezeParticle, zeros } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

particleTest(unsqueezeParticle, {
  samples: anyShape().chain((input) =>
    fc
      .integer({ min: -input.length - 1, max: input.length })
      .map((axis) => ({ inputs: { input }, attributes: { axis } })),
  ),
  accuracy: "exact",
  multilinear: true,
  cases: 100,
  special: [
    {
      inputs: { input: [1, 2, 3] },
      attributes: { axis: -1 },
      output: [[1], [2], [3]],
      grad: [[1], [2], [3]],
      gradients: { input: [1, 2, 3] },
    },
    { inputs: { input: [1, 2, 3] }, attributes: { axis: 0 }, output: [[1, 2, 3]] },
  ],
  errors: [
    [
      () => unsqueeze(zeros([3]), 2),
      ShapeError,
      "unsqueeze: axis 2 is out of range for 2 dimensions; it must be a whole number from -2 to 1",
    ],
  ],
});
