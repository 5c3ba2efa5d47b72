import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions } from "../../core/options.ts";
import type { Block, Particle } from "../../core/particle.ts";
import { type Shape, sameShape, show, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/loss.ts";
import { parallel } from "../../engine/parallel.ts";
import { ShapeError } from "../../errors.ts";
import {
  type LossAttributes,
  type LossOptions,
  type LossPlan,
  lossPlan,
  lossWorkspace,
  meanDivisor,
  type Reduction,
  reduceLosses,
  reduceValues,
  reductionOption,
  refuseGradient,
  tensorOption,
} from "./how/losses.ts";
import { writtenPowers, writtenReduction } from "./how/writtenLosses.ts";

export interface BceWithLogitsOptions extends LossOptions {
  /** How much the positive class counts: one number, or one for each element of the last axes. */
  readonly posWeight?: Tensor | undefined;
}

/** Elements that one thread handles in about 20 µs. */
const grain = 8192;

export const bceWithLogitsParticle: Particle<
  { input: 1; target: 1; posWeight?: 1 },
  LossAttributes,
  "input" | "target" | "posWeight",
  object,
  LossPlan
> = {
  name: "bceWithLogits",
  summary: "Binary cross entropy of logits: the loss for yes-or-no questions, one for each element.",
  formula: "y = 1/n · Σ −(w·t·ln σ(x) + (1 − t)·ln(1 − σ(x))),   −ln σ(x) = ln(1 + e^−x), −ln(1 − σ(x)) = ln(1 + e^x)",
  example: { inputs: { input: [0, 2], target: [1, 0] }, attributes: { reduction: "mean" } },
  keeps: ["input", "target", "posWeight"],
  plan(at, { reduction }) {
    const plan = lossPlan("bceWithLogits", at, reduction);
    if (at.posWeight) checkPosWeight(at.input, at.posWeight);
    return plan;
  },
  shape: (_, { output }) => output,
  workspace: (_, plan) => lossWorkspace(plan),
  forward({ input, target, posWeight, output, workspace }, plan) {
    const { width, rows, pieces } = rowsOf(input, posWeight);
    const heads = [input.ptr, target.ptr, posWeight?.ptr ?? 0] as const;
    reduceLosses(plan, output.ptr, workspace, (losses) =>
      parallel(kernels.binaryCrossEntropy, rows, pieces, ...heads, losses, width),
    );
  },
  backward({ input, target, posWeight, grad }, into, { reduction }) {
    const { width, rows, pieces } = rowsOf(input, posWeight);
    const tail = [meanDivisor(input.size, reduction), reduction === "none" ? 1 : 0, width] as const;
    const weight = posWeight?.ptr ?? 0;
    if (into.input) {
      const heads = [input.ptr, target.ptr, weight, grad.ptr, into.input.ptr] as const;
      parallel(kernels.binaryCrossEntropyGradInput, rows, pieces, ...heads, ...tail);
    }
    if (into.target) {
      const heads = [input.ptr, weight, grad.ptr, into.target.ptr] as const;
      parallel(kernels.binaryCrossEntropyGradTarget, rows, pieces, ...heads, ...tail);
    }
  },
  // A power and a logarithm, of about 20 operations each, and a few more.
  cost: ({ input }) => ({ flops: 46 * sizeOf(input), bytes: 8 * sizeOf(input) }),
  definition({ input, target, posWeight }, { reduction }) {
    const losses = Array.from(input.data, (x, i) => {
      const t = target.data[i]!;
      const w = posWeight ? posWeight.data[i % posWeight.data.length]! : 1;
      const softplus = Math.max(-x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      return (1 - t) * x + (1 + (w - 1) * t) * softplus;
    });
    return reduceValues(losses, reduction);
  },
  arithmetic({ input, target, posWeight }, { reduction }) {
    const losses = Array.from(input.data, (x, i) => {
      const t = target.data[i]!;
      const yes = posWeight ? [posWeight.data[i % posWeight.data.length]!, t] : [t];
      const terms = [writtenTerm(yes, 0 - x), writtenTerm([1 - t], x)].filter((term) => term !== "");
      return terms.join(" + ") || "0";
    });
    return writtenReduction(losses, reduction);
  },
};

/** `0.3·ln(1 + e^2)`: factors of 1 are left out, and all of it where a factor is 0. */
function writtenTerm(factors: readonly number[], exponent: number): string {
  if (factors.includes(0)) return "";
  const shown = factors.filter((factor) => factor !== 1).map((factor) => `${written(factor)}·`);
  return `${shown.join("")}ln(1 + ${writtenPowers([exponent])})`;
}

/** Elements as rows that share the weights; vectors where there are none. */
function rowsOf(input: Block, posWeight: Block | undefined) {
  const width = posWeight?.size ?? 4;
  return { width, rows: Math.ceil(input.size / Math.max(width, 1)), pieces: Math.ceil(grain / Math.max(width, 1)) };
}

function checkPosWeight(input: Shape, posWeight: Shape): void {
  const isOne = sizeOf(posWeight) === 1 && posWeight.length <= 1;
  if (isOne || (posWeight.length > 0 && sameShape(posWeight, input.slice(-posWeight.length)))) return;
  throw new ShapeError(
    `bceWithLogits: posWeight must be one number or have the sizes of the last axes of input (input ${show(input)}, posWeight ${show(posWeight)}); reshape it`,
  );
}

export const bceWithLogitsOptions: OptionsOf<{ posWeight: Tensor | undefined; reduction: Reduction }> = {
  posWeight: tensorOption,
  reduction: reductionOption,
};

/**
 * Binary cross entropy between logits `input` and probabilities `target` of the same shape: the mean of −(t·ln σ(x) + (1 − t)·ln(1 − σ(x))),
 * computed so that large logits do no harm. `posWeight` multiplies the first term; `reduction` is "mean", "sum" or "none". The mean of
 * nothing is NaN.
 *
 * @throws ShapeError for shapes that do not fit together, GraphError for a posWeight that requires a gradient: it has none.
 */
export function bceWithLogits(input: Tensor, target: Tensor, options?: BceWithLogitsOptions): Tensor {
  const { posWeight, reduction } = readOptions("bceWithLogits", options, bceWithLogitsOptions);
  refuseGradient("bceWithLogits", "posWeight", posWeight);
  return apply(bceWithLogitsParticle, { input, target, ...(posWeight && { posWeight }) }, { reduction });
}
