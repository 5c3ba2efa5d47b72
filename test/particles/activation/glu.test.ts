import fc from "fast-check";
import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { glu, gluParticle, tensor, zeros } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

particleTest(gluParticle, {
  samples: anyShape({ minRank: 1, maxRank: 4, maxElements: 150 }).chain((half) =>
    fc.integer({ min: -half.length, max: half.length - 1 }).map((axis) => {
      const along = axis < 0 ? axis + half.length : axis;
      return {
        inputs: { input: half.map((size, other) => (other === along ? 2 * size : size)) },
        attributes: { axis },
      };
    }),
  ),
  always: Array.from({ length: 33 }, (_, index) => ({
    inputs: { input: [2, 2 * index + 2] },
    attributes: { axis: -1 },
  })),
  large: [
    { inputs: { input: [300, 1002] }, attributes: { axis: -1 } },
    { inputs: { input: [300_002] }, attributes: { axis: 0 } },
  ],
  accuracy: { relative: 1e-6, absolute: 1e-37 },
  range: { input: [-8, 8] },
  special: [
    {
      inputs: { input: [[2, 0], [0, 4]] }, // biome-ignore format: as on paper
      attributes: { axis: 1 },
      output: [[1], [0]], // biome-ignore format: as on paper
    },
  ],
  errors: [
    [
      () => glu(zeros([2, 3])),
      ShapeError,
      "glu: axis 1 has 3 places, which are no two halves (input [2, 3]); it must have an even number",
    ],
    [
      () => glu(zeros([4]), 1),
      ShapeError,
      "glu: axis 1 is out of range for 1 dimensions; it must be a whole number from -1 to 0",
    ],
    [
      () => glu(tensor([[1, 2]], { dtype: "int32" })),
      DtypeError,
      'glu: input must be float32, got int32 (input [1, 2]); convert it with to("float32")',
    ],
  ],
});
