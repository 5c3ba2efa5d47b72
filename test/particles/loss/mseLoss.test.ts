import fc from "fast-check";
import { DtypeError, OptionError, ShapeError } from "../../../src/errors.ts";
import { mseLoss, mseLossParticle, zeros } from "../../../src/index.ts";
import type { Reduction } from "../../../src/particles/loss/how/losses.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { anyShape } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(mseLossParticle, {
  samples: fc
    .tuple(anyShape({ minSize: 1 }), fc.constantFrom<Reduction>("mean", "sum", "none"))
    .map(([shape, reduction]) => ({ inputs: { input: shape, target: shape }, attributes: { reduction } })),
  always: [{ inputs: { input: [9000], target: [9000] }, attributes: { reduction: "mean" } }],
  large: ["mean" as const, "none" as const].map((reduction) => ({
    inputs: { input: [300_001], target: [300_001] },
    attributes: { reduction },
  })),
  accuracy: { relative: 2e-6, absolute: 1e-30 },
  plantIn: [], // squares leave the range of float32
  special: [
    {
      // The worked example of its page.
      inputs: { input: [1, 2, 4], target: [1, 4, 3] },
      attributes: { reduction: "sum" },
      output: 5,
      grad: 1,
      gradients: { input: [0, -4, 2], target: [0, 4, -2] },
    },
    {
      inputs: { input: [1, infinity, nan], target: [3, 1, 1] },
      attributes: { reduction: "none" },
      output: [4, infinity, nan],
      grad: [1, 1, 1],
      gradients: { input: [-4, infinity, nan] },
    },
    ...(["mean", "sum", "none"] as const).map((reduction: Reduction) => ({
      inputs: { input: { shape: [0, 3], data: [] }, target: { shape: [0, 3], data: [] } },
      attributes: { reduction },
      output: reduction === "none" ? { shape: [0, 3], data: [] } : reduction === "mean" ? nan : 0,
    })),
  ],
  errors: [
    [
      () => mseLoss(zeros([2, 1]), zeros([2])),
      ShapeError,
      "mseLoss: input and target differ in shape (input [2, 1], target [2]); reshape one to the other",
    ],
    [
      () => mseLoss(zeros([2]), zeros([2]), { reduction: "average" as Reduction }),
      OptionError,
      'mseLoss: reduction must be "mean", "sum" or "none", got "average"',
    ],
    [
      () => mseLoss(zeros([2]), zeros([2], { dtype: "int32" })),
      DtypeError,
      'mseLoss: target must be float32, got int32 (target [2]); convert it with to("float32")',
    ],
  ],
});
