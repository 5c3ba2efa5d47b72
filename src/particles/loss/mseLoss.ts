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

type Ports = { input: 1; target: 1 };

export const mseLossParticle: Particle<Ports, LossAttributes, "input" | "target", object, LossPlan> = {
  name: "mseLoss",
  summary: "The mean squared error between two tensors: the usual loss where numbers are to be predicted.",
  formula: "y = 1/n · Σ (x − t)²",
  example: { inputs: { input: [1, 2, 3], target: [2, 2.5, 1] }, attributes: { reduction: "mean" } },
  keeps: ["input", "target"],
  plan: (at, { reduction }) => lossPlan("mseLoss", at, reduction),
  shape: (_, { output }) => output,
  workspace: (_, plan) => lossWorkspace(plan),
  forward({ input, target, output, workspace }, plan) {
    reduceLosses(plan, output.ptr, workspace, (losses) =>
      parallel(kernels.squaredError, input.size, grain, input.ptr, target.ptr, losses),
    );
  },
  backward({ input, target, grad }, into, { reduction }) {
    const n = meanDivisor(input.size, reduction);
    const each = reduction === "none" ? 1 : 0;
    const heads = [input.ptr, target.ptr, grad.ptr] as const;
    if (into.input) parallel(kernels.squaredErrorGrad, input.size, grain, ...heads, into.input.ptr, n, each);
    if (into.target) parallel(kernels.squaredErrorGrad, input.size, grain, ...heads, into.target.ptr, -n, each);
  },
  cost: ({ input }) => ({ flops: 3 * sizeOf(input), bytes: 8 * sizeOf(input) }),
  definition({ input, target }, { reduction }) {
    const losses = Array.from(input.data, (x, i) => (x - target.data[i]!) ** 2);
    return reduceValues(losses, reduction);
  },
  arithmetic({ input, target }, { reduction }) {
    const terms = Array.from(input.data, (x, at) => `(${written(x)} − ${written(target.data[at]!)})²`);
    return writtenReduction(terms, reduction);
  },
};

/**
 * The mean of the squared differences of `input` and `target`, which must have the same shape. `reduction` is "mean", "sum" or
 * "none". The mean of nothing is NaN.
 *
 * @throws ShapeError for shapes that differ.
 */
export function mseLoss(input: Tensor, target: Tensor, options?: LossOptions): Tensor {
  return apply(mseLossParticle, { input, target }, readOptions("mseLoss", options, lossOptions));
}
