/** What removals do to the loss, summed over the batches of a data set. */
import { enableGrad, noGrad } from "../../core/recording.ts";
import { openScope, scope } from "../../core/scope.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { TensorBatch } from "../../data/dataset.ts";
import { crossEntropy } from "../../particles/loss/crossEntropy.ts";
import { argmax } from "../../particles/reduction/argmax.ts";
import { applyNode, type ParticleGraph } from "../graph/graph.ts";
import { madeBy } from "../graph/graphValues.ts";
import { rankCorrelation } from "./rankCorrelation.ts";
import { type Candidate, estimateOf, nameOf, type RemovalKind, weightNormOf, without } from "./removal.ts";

/** A batch of images, or whatever the model takes, and int32 labels. */
export type LabelledBatch = TensorBatch<"images" | "labels">;

/** One particle, and what its removal did. */
export interface Removal {
  /** `conv2d#1/filter3`, `relu#2`; a whole layer has the id of its application. */
  readonly id: string;
  readonly kind: RemovalKind;
  /** The number of the kernel; none where an application goes whole. */
  readonly index?: number;
  readonly module: string;
  readonly loss: number;
  readonly accuracy: number;
  /** How much the loss rose. */
  readonly lossIncrease: number;
  /**
   * The estimate of that without removing anything: the mean over the samples of |Σ gradient × change of the value|.
   */
  readonly gradientActivation: number;
  /** The Euclidean norm of its weights; undefined for what has none. */
  readonly weightNorm: number | undefined;
}

/** Spearman's rank correlation between the rise of the loss and each estimate. */
export interface EstimateCorrelation {
  readonly gradientActivation: number;
  readonly weightNorm: number;
}

/** What was measured on some samples, with the whole model and without each particle. */
export interface Measurements {
  /** How many samples were measured: fewer than asked for where the signal ended it. */
  readonly samples: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly removals: readonly Removal[];
  /** Over all kernels of a kind that were removed, such as filters. */
  readonly correlations: Readonly<Record<RemovalKind, EstimateCorrelation>>;
}

/** The sums over the batches so far: of the whole model, and of the model without each candidate. */
export class RemovalSums {
  readonly candidates: readonly (Candidate & { loss: number; right: number; estimate: number })[];
  samples = 0;
  #loss = 0;
  #right = 0;

  constructor(candidates: readonly Candidate[]) {
    this.candidates = candidates.map((candidate) => ({ ...candidate, loss: 0, right: 0, estimate: 0 }));
  }

  /** Adds one batch; yields the mean loss without each candidate in turn. */
  *measure(graph: ParticleGraph, make: () => LabelledBatch): Generator<number, void, void> {
    const opened = openScope("batch");
    try {
      const { images, labels } = make();
      const { values, gradients } = enableGrad(() => evaluated(graph, { images, labels }));
      const whole = judged(values.get(graph.outputs[0]!)!, labels);
      this.#loss += whole.loss;
      this.#right += whole.right;
      this.samples += labels.size;
      for (const candidate of this.candidates) {
        const found = noGrad(() => scope(() => judged(without(candidate, graph, values), labels)));
        candidate.loss += found.loss;
        candidate.right += found.right;
        candidate.estimate += estimateOf(candidate, values, gradients.get(candidate.node.id)!);
        yield found.loss / labels.size;
      }
    } finally {
      opened.close();
    }
  }

  result(graph: ParticleGraph): Measurements {
    const { samples } = this;
    const removals = this.candidates.map((candidate): Removal => {
      const { node, kind, index, loss, right, estimate } = candidate;
      return {
        id: nameOf(candidate),
        kind,
        ...(index !== undefined && { index }),
        module: node.module,
        loss: loss / samples,
        accuracy: right / samples,
        lossIncrease: (loss - this.#loss) / samples,
        gradientActivation: estimate / samples,
        weightNorm: weightNormOf(candidate, graph),
      };
    });
    const kernels = removals.filter(({ index }) => index !== undefined);
    const kinds = [...new Set(kernels.map(({ kind }) => kind))];
    return {
      samples,
      loss: this.#loss / samples,
      accuracy: this.#right / samples,
      removals,
      correlations: Object.fromEntries(
        kinds.map((kind) => [kind, correlationOf(kernels.filter((kernel) => kernel.kind === kind))]),
      ),
    };
  }
}

function correlationOf(removals: readonly Removal[]): EstimateCorrelation {
  const increases = removals.map(({ lossIncrease }) => lossIncrease);
  const against = (estimate: (removal: Removal) => number) => rankCorrelation(increases, removals.map(estimate));
  return {
    gradientActivation: against(({ gradientActivation }) => gradientActivation),
    weightNorm: against(({ weightNorm }) => weightNorm ?? 0),
  };
}

/** The value of every node for a batch, and the gradient of the summed loss with respect to each. */
function evaluated(
  graph: ParticleGraph,
  { images, labels }: LabelledBatch,
): { values: Map<string, Tensor>; gradients: Map<string, Float32Array> } {
  const values = new Map<string, Tensor>();
  // Gradients end in handles of our own, so that the model's are left alone.
  for (const [name, tensor] of graph.tensors) {
    const own = tensor.detach();
    own.requiresGrad = tensor.dtype === "float32";
    values.set(name, own);
  }
  values.set(graph.inputs[0]!.name, images);
  for (const node of graph.nodes) {
    for (const [name, value] of applyNode(node, (name) => values.get(name)!)) {
      if (value.requiresGrad && !value.isLeaf) value.retainGrad();
      values.set(name, value);
    }
  }
  const loss = crossEntropy(values.get(graph.outputs[0]!)!, labels, { reduction: "sum" });
  if (loss.requiresGrad) loss.backward();
  const gradients = new Map<string, Float32Array>();
  for (const { name } of graph.nodes.flatMap(madeBy)) {
    const value = values.get(name)!;
    gradients.set(name, value.grad ? (value.grad.data.slice() as Float32Array) : new Float32Array(value.size));
  }
  return { values, gradients };
}

/** The summed cross entropy, and how many labels have the highest logit. */
function judged(logits: Tensor, labels: Tensor): { loss: number; right: number } {
  return noGrad(() => {
    const loss = crossEntropy(logits, labels, { reduction: "sum" }).item();
    const predicted = argmax(logits, -1).data.slice();
    const actual = labels.data;
    let right = 0;
    for (let sample = 0; sample < predicted.length; sample++) if (predicted[sample] === actual[sample]) right++;
    return { loss, right };
  });
}
