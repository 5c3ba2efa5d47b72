import fc from "fast-check";
import { DtypeError, OptionError, ShapeError } from "../../../src/errors.ts";
import { l1Loss, l1LossParticle, zeros } from "../../../src/index.ts";
import type { Reduction } from "../../../src/particles/loss/how/losses.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(l1LossParticle, {
  samples: fc
    .tuple(anyShape({ minSize: 1 }), fc.constantFrom<Reduction>("mean", "sum", "none"))
    .map(([shape, reduction]) => ({ inputs: { input: shape, target: shape }, attributes: { reduction } })),
  always: [{ inputs: { input: [9000], target: [9000] }, attributes: { reduction: "mean" } }],
  large: ["mean" as const, "none" as const].map((reduction) => ({
    inputs: { input: [300_001], target: [300_001] },
    attributes: { reduction },
  })),
  accuracy: { relative: 2e-6, absolute: 1e-30 },
  distinct: true,
  plantIn: ["input"],
  special: [
    {
      // The worked example of its page. Where both are equal the gradient is 0.
      inputs: { input: [1, 2, 4], target: [1, 4, 3] },
      attributes: { reduction: "sum" },
      output: 3,
      grad: 2,
      gradients: { input: [0, -2, 2], target: [0, 2, -2] },
    },
    {
      inputs: { input: [1, infinity, nan], target: [3, 1, 1] },
      attributes: { reduction: "none" },
      output: [2, infinity, nan],
      grad: [1, 2, 3],
      gradients: { input: [-1, 2, nan] },
    },
    ...(["mean", "sum", "none"] as const).map((reduction: Reduction) => ({
      inputs: { input: { shape: [0, 3], data: [] }, target: { shape: [0, 3], data: [] } },
      attributes: { reduction },
      output: reduction === "none" ? { shape: [0, 3], data: [] } : reduction === "mean" ? nan : 0,
    })),
  ],
  errors: [
    [
      () => l1Loss(zeros([2, 1]), zeros([2])),
      ShapeError,
      "l1Loss: input and target differ in shape (input [2, 1], target [2]); reshape one to the other",
    ],
    [
      () => l1Loss(zeros([2]), zeros([2]), { reduction: "average" as Reduction }),
      OptionError,
      'l1Loss: reduction must be "mean", "sum" or "none", got "average"',
    ],
    [
      () => l1Loss(zeros([2]), zeros([2], { dtype: "int32" })),
      DtypeError,
      'l1Loss: target must be float32, got int32 (target [2]); convert it with to("float32")',
    ],
  ],
});
