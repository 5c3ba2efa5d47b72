import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions, real, whole } from "../../core/options.ts";
import type { Particle, Values } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number, written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/loss.ts";
import { parallel } from "../../engine/parallel.ts";
import { QuarkError } from "../../errors.ts";
import {
  type Classification,
  checkLabels,
  checkReduction,
  classification,
  labelledWorkspace,
  type Reduction,
  reduceLabelled,
  reduceValues,
  reductionOption,
  refuseGradient,
  samplesOf,
  tensorOption,
} from "./how/losses.ts";
import { writtenDivisor, writtenPowers, writtenReduction } from "./how/writtenLosses.ts";

export interface CrossEntropyAttributes {
  /** Samples with this label count for nothing. */
  readonly ignoreIndex?: number | undefined;
  /** ε: this much of each sample's weight goes evenly to all classes. */
  readonly labelSmoothing: number;
  readonly reduction: Reduction;
}

export interface CrossEntropyOptions {
  /** How much each class counts, [C]. */
  readonly weight?: Tensor | undefined;
  readonly ignoreIndex?: number | undefined;
  readonly labelSmoothing?: number;
  readonly reduction?: Reduction;
}

type CrossEntropyPlan = CrossEntropyAttributes & Classification;

/** Logits that one thread handles in about 20 µs. */
const grain = 8192;

export const crossEntropyParticle: Particle<
  { input: 1; target: 1; weight?: 1 },
  CrossEntropyAttributes,
  "target" | "weight" | "probabilities" | "total",
  { probabilities: 1; total: 1 },
  CrossEntropyPlan
> = {
  name: "crossEntropy",
  summary: "How little probability a classifier gives to the right classes: the loss to train a classifier by.",
  formula:
    "y = Σ n loss[n] / Σ n w[t],   t the label of sample n\n" +
    "loss[n] = −(1 − ε)·w[t]·ln p[n,t] − ε/C · Σ c  w[c]·ln p[n,c],   p = softmax(x) over the C classes",
  example: {
    inputs: {
      input: [
        [1, 2, 3],
        [1, 0, 0],
      ],
      target: [2, 0],
    },
    attributes: { labelSmoothing: 0, reduction: "mean" },
  },
  keeps: ["target", "weight", "probabilities", "total"],
  dtypes: { target: "int32" },
  plan(at, attributes) {
    const { labelSmoothing, reduction } = attributes;
    checkReduction("crossEntropy", reduction);
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new QuarkError(`crossEntropy: labelSmoothing must lie between 0 and 1, got ${labelSmoothing}`);
    }
    return { ...attributes, ...classification("crossEntropy", at) };
  },
  shape: (_, { reduction, target }) => (reduction === "none" ? target : []),
  aux: ({ input }) => ({
    probabilities: { shape: input, dtype: "float32" },
    total: { shape: [], dtype: "float32" },
  }),
  check({ input, target }, { ignoreIndex }) {
    checkLabels("crossEntropy", target, input.shape[1]!, ignoreIndex);
  },
  workspace: (_, plan) => labelledWorkspace(plan),
  forward({ input, target, weight, output, probabilities, total, workspace }, plan) {
    const { ignoreIndex, labelSmoothing, reduction, images, classes, inner, samples, all } = plan;
    const tail = [labelSmoothing, ignoreIndex === undefined ? 0 : 1, ignoreIndex ?? 0] as const;
    const pieces = Math.ceil(grain / classes);
    reduceLabelled(all, reduction, output.ptr, total.ptr, workspace, (losses, weights) => {
      const heads = [input.ptr, target.ptr, weight?.ptr ?? 0, probabilities.ptr, losses, weights] as const;
      if (inner === 1) parallel(kernels.crossEntropyRows, samples, pieces, ...heads, classes, ...tail);
      else {
        const units = images * Math.ceil(inner / 4);
        parallel(kernels.crossEntropyColumns, units, Math.ceil(pieces / 4), ...heads, classes, inner, ...tail);
      }
    });
  },
  backward({ target, weight, probabilities, total, grad }, { input }, plan) {
    if (!input) return;
    const { ignoreIndex, labelSmoothing, reduction, classes, inner, samples } = plan;
    parallel(
      kernels.crossEntropyGradInput,
      samples,
      Math.ceil(65536 / classes),
      probabilities.ptr,
      target.ptr,
      weight?.ptr ?? 0,
      total.ptr,
      grad.ptr,
      input.ptr,
      classes,
      inner,
      labelSmoothing,
      ignoreIndex === undefined ? 0 : 1,
      ignoreIndex ?? 0,
      reduction === "none" ? 1 : 0,
      reduction === "mean" ? 1 : 0,
    );
  },
  // Of each logit: maximum, difference, power (about 20), sum, quotient.
  cost: ({ input, target }) => ({ flops: 24 * sizeOf(input), bytes: 8 * sizeOf(input) + 4 * sizeOf(target) }),
  definition({ input, target, weight }, { ignoreIndex, labelSmoothing, reduction }) {
    const shape = classification("crossEntropy", { input: input.shape, target: target.shape });
    const weightOf = (label: number) => weight?.data[label] ?? 1;
    const losses: number[] = [];
    let total = 0;
    for (const { label, at } of samplesOf(shape, target)) {
      if (label === ignoreIndex) {
        losses.push(0);
        continue;
      }
      const logits = Array.from({ length: shape.classes }, (_, c) => input.data[at(c)]!);
      const largest = Math.max(...logits);
      const logSum = Math.log(logits.reduce((sum, x) => sum + Math.exp(x - largest), 0));
      const surprise = (c: number) => weightOf(c) * (logSum - (logits[c]! - largest));
      let loss = (1 - labelSmoothing) * surprise(label);
      if (labelSmoothing > 0) for (const c of logits.keys()) loss += (labelSmoothing / shape.classes) * surprise(c);
      losses.push(loss);
      total += weightOf(label);
    }
    return reduceValues(losses, reduction, total);
  },
  arithmetic({ input, target, weight }, { ignoreIndex, labelSmoothing, reduction }) {
    const shape = classification("crossEntropy", { input: input.shape, target: target.shape });
    const losses: string[] = [];
    const counted: number[] = [];
    for (const { label, at } of samplesOf(shape, target)) {
      if (label !== ignoreIndex) {
        const logits = Array.from({ length: shape.classes }, (_, c) => input.data[at(c)]!);
        losses.push(writtenLoss(logits, label, labelSmoothing, weight));
        counted.push(label);
      } else if (reduction === "none") losses.push("0");
    }
    return writtenReduction(losses, reduction, writtenDivisor(counted, weight));
  },
};

/** −ln p = ln Σ e^x − x at the label, or mixed over all classes, with the numbers put in. */
function writtenLoss(logits: readonly number[], label: number, smoothing: number, weight: Values | undefined): string {
  const ln = `ln(${writtenPowers(logits)})`;
  const right = written(logits[label]!);
  const share = `${number(smoothing)}/${logits.length}`;
  if (!weight) {
    if (smoothing === 0) return `${ln} − ${right}`;
    return `${ln} − ${number(1 - smoothing)}·${right} − ${share}·(${logits.map(written).join(" + ")})`;
  }
  const own = written(weight.data[label]!);
  if (smoothing === 0) return `${own}·(${ln} − ${right})`;
  const weights = logits.map((_, c) => written(weight.data[c]!));
  const all = logits.map((x, c) => `${weights[c]}·${written(x)}`);
  const labelled = `${number(1 - smoothing)}·${own}`;
  return `(${labelled} + ${share}·(${weights.join(" + ")}))·${ln} − ${labelled}·${right} − ${share}·(${all.join(" + ")})`;
}

export const crossEntropyOptions: OptionsOf<CrossEntropyAttributes & { weight: Tensor | undefined }> = {
  weight: tensorOption,
  ignoreIndex: whole(undefined, -(2 ** 31)),
  labelSmoothing: real(0),
  reduction: reductionOption,
};

/**
 * Cross entropy between logits `input` [N, C, d₁ …] and int32 labels `target` [N, d₁ …]: the mean of −ln softmax(input) at the
 * labels. Class weights make it a weighted mean; `ignoreIndex` leaves samples out (there is none by default);
 * `labelSmoothing` ε mixes in the mean over all classes; `reduction` is "mean", "sum" or "none". Conventions are PyTorch's. The mean
 * over no sample is NaN.
 *
 * @throws ShapeError for shapes that do not fit together and for a label that is no class, DtypeError for labels that are not int32,
 * GraphError for a weight that requires a gradient: it has none.
 */
export function crossEntropy(input: Tensor, target: Tensor, options?: CrossEntropyOptions): Tensor {
  const { weight, ...attributes } = readOptions("crossEntropy", options, crossEntropyOptions);
  refuseGradient("crossEntropy", "weight", weight);
  return apply(crossEntropyParticle, { input, target, ...(weight && { weight }) }, attributes);
}
