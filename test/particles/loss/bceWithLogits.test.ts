import fc from "fast-check";
import { DtypeError, GraphError, OptionError, ShapeError } from "../../../src/errors.ts";
import { bceWithLogits, bceWithLogitsParticle, ones, zeros } from "../../../src/index.ts";
import type { Reduction } from "../../../src/particles/loss/how/losses.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

const { NaN: nan, NEGATIVE_INFINITY: least, POSITIVE_INFINITY: infinity } = Number;

particleTest(bceWithLogitsParticle, {
  samples: fc
    .tuple(
      anyShape({ minSize: 1 }),
      fc.constantFrom<Reduction>("mean", "sum", "none"),
      fc.constantFrom(-1, -1, 0, 1, 2),
    )
    .map(([shape, reduction, weighted]) => ({
      inputs: {
        input: shape,
        target: shape,
        ...(weighted >= 0 && { posWeight: weighted > shape.length ? [] : shape.slice(shape.length - weighted) }),
      },
      attributes: { reduction },
    })),
  always: [{ inputs: { input: [9000], target: [9000] }, attributes: { reduction: "mean" } }],
  large: ["mean" as const, "none" as const].map((reduction) => ({
    inputs: { input: [300_001], target: [300_001] },
    attributes: { reduction },
  })),
  accuracy: { relative: 3e-6, absolute: 2e-6 },
  range: { input: [-8, 8], target: [0, 1], posWeight: [0.5, 4] },
  constants: ["posWeight"],
  plantIn: [],
  special: [
    {
      // The worked example of its page: σ(ln 3) = 3/4.
      inputs: { input: [Math.log(3), Math.log(3)], target: [1, 0] },
      attributes: { reduction: "none" },
      output: [Math.log(4 / 3), Math.log(4)],
      grad: [4, 4],
      gradients: { input: [-1, 3] },
    },
    {
      inputs: { input: [200, -200, 200, -200], target: [1, 0, 0, 1] },
      attributes: { reduction: "none" },
      output: [0, 0, 200, 200],
      grad: [1, 1, 1, 1],
      gradients: { input: [0, 0, 1, -1] },
    },
    {
      // Small losses keep their digits.
      inputs: { input: [-20, 20], target: [0, 1] },
      attributes: { reduction: "none" },
      output: [Math.log1p(Math.exp(-20)), Math.log1p(Math.exp(-20))],
    },
    {
      inputs: { input: [infinity, least, nan], target: [0, 1, 0.5] },
      attributes: { reduction: "none" },
      output: [infinity, nan, nan], // (1 − 1)·−∞ is NaN, as in PyTorch
      grad: [1, 1, 1],
      gradients: { input: [1, -1, nan] },
    },
    {
      inputs: { input: [[0, 0], [0, 0]], target: [[1, 1], [0, 0]], posWeight: [3, 1] }, // biome-ignore format: as on paper
      attributes: { reduction: "none" },
      output: [[3 * Math.LN2, Math.LN2], [Math.LN2, Math.LN2]], // biome-ignore format: as on paper
      grad: [[2, 2], [2, 2]], // biome-ignore format: as on paper
      gradients: { input: [[-3, -1], [1, 1]] }, // biome-ignore format: as on paper
    },
    ...(["mean", "sum", "none"] as const).map((reduction: Reduction) => ({
      inputs: { input: { shape: [0, 3], data: [] }, target: { shape: [0, 3], data: [] } },
      attributes: { reduction },
      output: reduction === "none" ? { shape: [0, 3], data: [] } : reduction === "mean" ? nan : 0,
    })),
  ],
  errors: [
    [
      () => bceWithLogits(zeros([2, 1]), zeros([2])),
      ShapeError,
      "bceWithLogits: input and target differ in shape (input [2, 1], target [2]); reshape one to the other",
    ],
    [
      () => bceWithLogits(zeros([2]), zeros([2]), { reduction: "average" as Reduction }),
      OptionError,
      'bceWithLogits: reduction must be "mean", "sum" or "none", got "average"',
    ],
    [
      () => bceWithLogits(zeros([2]), zeros([2], { dtype: "int32" })),
      DtypeError,
      'bceWithLogits: target must be float32, got int32 (target [2]); convert it with to("float32")',
    ],
    [
      () => bceWithLogits(zeros([2, 3]), zeros([2, 3]), { posWeight: ones([2]) }),
      ShapeError,
      "bceWithLogits: posWeight must be one number or have the sizes of the last axes of input (input [2, 3], posWeight [2]); reshape it",
    ],
    [
      () => bceWithLogits(zeros([2]), zeros([2]), { posWeight: ones([2], { requiresGrad: true }) }),
      GraphError,
      "bceWithLogits: there is no gradient for posWeight, but it requires one; pass posWeight.detach()",
    ],
  ],
});
