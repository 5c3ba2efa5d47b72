import { apply } from "../../core/apply.ts";
import { readOptions } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/loss.ts";
import { parallel } from "../../engine/parallel.ts";
import {
  type LossAttributes,
  type LossOptions,
  type LossPlan,
  lossOptions,
  lossPlan,
  lossWorkspace,
  meanDivisor,
  reduceLosses,
  reduceValues,
} from "./how/losses.ts";
import { writtenReduction } from "./how/writtenLosses.ts";

/** Elements that one thread handles in about 20 µs. */
const grain = 65536;

export const l1LossParticle: Particle<{ input: 1; target: 1 }, LossAttributes, "input" | "target", object, LossPlan> = {
  name: "l1Loss",
  summary: "The mean absolute error between two tensors: outliers weigh less than in mseLoss.",
  formula: "y = 1/n · Σ |x − t|",
  example: { inputs: { input: [1, 2, 3], target: [2, 2.5, 1] }, attributes: { reduction: "mean" } },
  keeps: ["input", "target"],
  plan: (at, { reduction }) => lossPlan("l1Loss", at, reduction),
  shape: (_, { output }) => output,
  workspace: (_, plan) => lossWorkspace(plan),
  forward({ input, target, output, workspace }, plan) {
    reduceLosses(plan, output.ptr, workspace, (losses) =>
      parallel(kernels.absoluteError, input.size, grain, input.ptr, target.ptr, losses),
    );
  },
  backward({ input, target, grad }, into, { reduction }) {
    const n = meanDivisor(input.size, reduction);
    const each = reduction === "none" ? 1 : 0;
    const heads = [input.ptr, target.ptr, grad.ptr] as const;
    if (into.input) parallel(kernels.absoluteErrorGrad, input.size, grain, ...heads, into.input.ptr, n, each);
    if (into.target) parallel(kernels.absoluteErrorGrad, input.size, grain, ...heads, into.target.ptr, -n, each);
  },
  cost: ({ input }) => ({ flops: 2 * sizeOf(input), bytes: 8 * sizeOf(input) }),
  definition({ input, target }, { reduction }) {
    const losses = Array.from(input.data, (x, i) => Math.abs(x - target.data[i]!));
    return reduceValues(losses, reduction);
  },
  arithmetic({ input, target }, { reduction }) {
    const terms = Array.from(input.data, (x, at) => `|${written(x)} − ${written(target.data[at]!)}|`);
    return writtenReduction(terms, reduction);
  },
};

/**
 * The mean of the absolute differences of `input` and `target`, which must have the same shape. `reduction` is "mean", "sum" or
 * "none". The mean of nothing is NaN. The gradient is 0 where they are equal.
 *
 * @throws ShapeError for shapes that differ.
 */
export function l1Loss(input: Tensor, target: Tensor, options?: LossOptions): Tensor {
  return apply(l1LossParticle, { input, target }, readOptions("l1Loss", options, lossOptions));
}
