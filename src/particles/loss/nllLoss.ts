import { apply } from "../../core/apply.ts";
import { type OptionsOf, readOptions, whole } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/loss.ts";
import { parallel } from "../../engine/parallel.ts";
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
import { writtenDivisor, writtenReduction } from "./how/writtenLosses.ts";

export interface NllLossAttributes {
  /** Samples with this label count for nothing. */
  readonly ignoreIndex?: number | undefined;
  readonly reduction: Reduction;
}

export interface NllLossOptions {
  /** How much each class counts, [C]. */
  readonly weight?: Tensor | undefined;
  readonly ignoreIndex?: number | undefined;
  readonly reduction?: Reduction;
}

type NllLossPlan = NllLossAttributes & Classification;

/** Samples that one thread handles in about 20 µs. */
const grain = 8192;

export const nllLossParticle: Particle<
  { input: 1; target: 1; weight?: 1 },
  NllLossAttributes,
  "target" | "weight" | "total",
  { total: 1 },
  NllLossPlan
> = {
  name: "nllLoss",
  summary: "The mean negative log likelihood of the right classes, from log probabilities such as logSoftmax gives.",
  formula: "y = Σ n −w[t]·x[n,t] / Σ n w[t],  t the label of sample n",
  example: {
    inputs: {
      input: [
        [-0.5, -1, -3],
        [-2, -0.25, -4],
      ],
      target: [0, 1],
    },
    attributes: { reduction: "mean" },
  },
  keeps: ["target", "weight", "total"],
  dtypes: { target: "int32" },
  plan(at, attributes) {
    checkReduction("nllLoss", attributes.reduction);
    return { ...attributes, ...classification("nllLoss", at) };
  },
  shape: (_, { reduction, target }) => (reduction === "none" ? target : []),
  aux: () => ({ total: { shape: [], dtype: "float32" } }),
  check({ input, target }, { ignoreIndex }) {
    checkLabels("nllLoss", target, input.shape[1]!, ignoreIndex);
  },
  workspace: (_, plan) => labelledWorkspace(plan),
  forward({ input, target, weight, output, total, workspace }, plan) {
    const { ignoreIndex, reduction, classes, inner, samples, all } = plan;
    const tail = [classes, inner, ignoreIndex === undefined ? 0 : 1, ignoreIndex ?? 0] as const;
    reduceLabelled(all, reduction, output.ptr, total.ptr, workspace, (losses, weights) => {
      const heads = [input.ptr, target.ptr, weight?.ptr ?? 0, losses, weights] as const;
      parallel(kernels.nllLoss, samples, grain, ...heads, ...tail);
    });
  },
  backward({ target, weight, total, grad }, { input }, plan) {
    if (!input) return;
    const { ignoreIndex, reduction, images, classes, inner } = plan;
    parallel(
      kernels.nllLossGradInput,
      images,
      Math.ceil(65536 / (classes * Math.max(inner, 1))),
      target.ptr,
      weight?.ptr ?? 0,
      total.ptr,
      grad.ptr,
      input.ptr,
      classes,
      inner,
      ignoreIndex === undefined ? 0 : 1,
      ignoreIndex ?? 0,
      reduction === "none" ? 1 : 0,
      reduction === "mean" ? 1 : 0,
    );
  },
  cost: ({ target }) => ({ flops: 2 * sizeOf(target), bytes: 12 * sizeOf(target) }),
  definition({ input, target, weight }, { ignoreIndex, reduction }) {
    const losses: number[] = [];
    let total = 0;
    const shape = classification("nllLoss", { input: input.shape, target: target.shape });
    for (const { label, at } of samplesOf(shape, target)) {
      const share = label === ignoreIndex ? 0 : (weight?.data[label] ?? 1);
      losses.push(label === ignoreIndex ? 0 : 0 - share * input.data[at(label)]!);
      total += share;
    }
    return reduceValues(losses, reduction, total);
  },
  arithmetic({ input, target, weight }, { ignoreIndex, reduction }) {
    const losses: string[] = [];
    const counted: number[] = [];
    const shape = classification("nllLoss", { input: input.shape, target: target.shape });
    for (const { label, at } of samplesOf(shape, target)) {
      if (label !== ignoreIndex) {
        const share = weight ? `${written(weight.data[label]!)}·` : "";
        losses.push(`−${share}${written(input.data[at(label)]!)}`);
        counted.push(label);
      } else if (reduction === "none") losses.push("0");
    }
    return writtenReduction(losses, reduction, writtenDivisor(counted, weight)).map((text) =>
      text.replaceAll(" + −", " − "),
    );
  },
};

export const nllLossOptions: OptionsOf<NllLossAttributes & { weight: Tensor | undefined }> = {
  weight: tensorOption,
  ignoreIndex: whole(undefined, -(2 ** 31)),
  reduction: reductionOption,
};

/**
 * Negative log likelihood of log probabilities `input` [N, C, d₁ …], such as `logSoftmax` gives, at the int32 labels `target` [N, d₁ …]:
 * the mean of −input[label]. Class weights make it a weighted mean; `ignoreIndex` leaves samples out (there is none by
 * default); `reduction` is "mean", "sum" or "none". `crossEntropy` does this and the softmax at once.
 *
 * @throws ShapeError for shapes that do not fit together and for a label that is no class, DtypeError for labels that are not int32,
 * GraphError for a weight that requires a gradient: it has none.
 */
export function nllLoss(input: Tensor, target: Tensor, options?: NllLossOptions): Tensor {
  const { weight, ...attributes } = readOptions("nllLoss", options, nllLossOptions);
  refuseGradient("nllLoss", "weight", weight);
  return apply(nllLossParticle, { input, target, ...(weight && { weight }) }, attributes);
}
