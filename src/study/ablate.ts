/** How much a model needs each of its particles: what happens to loss and accuracy when one is taken away. */
import { empty } from "../core/creation.ts";
import { noGrad } from "../core/recording.ts";
import { scope } from "../core/scope.ts";
import { sameShape } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Dataset, TensorBatch } from "../data/dataset.ts";
import { DataError, GraphError } from "../errors.ts";
import { weightsSha256 } from "../io/weightsSha256.ts";
import type { Module } from "../nn/module.ts";
import { argmax } from "../particles/argmax.ts";
import { crossEntropy } from "../particles/crossEntropy.ts";
import { decompose } from "./decompose.ts";
import { inEvaluation } from "./evaluation.ts";
import { applyNode, type GraphNode, type ParticleGraph } from "./graph.ts";
import { rankCorrelation } from "./rankCorrelation.ts";

/** A batch of images, or whatever the model takes, and int32 labels. */
export type LabelledBatch = TensorBatch<"images" | "labels">;

export interface AblateOptions {
  /** Use the first samples only. */
  readonly limit?: number;
  /** Samples that are evaluated at once; 100 by default. It bounds the memory, and the losses differ in their last digits with it. */
  readonly batchSize?: number;
  /** Called before the first step and after each: how many removals on a batch are done, of how many, and the loss that the last one led to. */
  readonly onProgress?: (done: number, total: number, loss: number) => void;
}

/** One particle, and what its removal did. */
export interface Removal {
  /** `conv2d#1/filter3`, `relu#2`; a whole layer has the id of its application. */
  readonly id: string;
  /** `filter`: one channel of the output becomes 0. `layer`: the whole output becomes 0. `activation`: the input passes unchanged. */
  readonly kind: "filter" | "layer" | "activation";
  readonly module: string;
  readonly loss: number;
  readonly accuracy: number;
  /** How much the loss rose. */
  readonly lossIncrease: number;
  /** The estimate of that without removing anything: the mean over the samples of |Σ gradient × change of the value|. */
  readonly gradientActivation: number;
  /** The Euclidean norm of its weights; undefined for what has none. */
  readonly weightNorm: number | undefined;
}

export interface Ablation {
  readonly samples: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly removals: readonly Removal[];
  /** Spearman's rank correlation between the rise of the loss and each estimate, over all filters. */
  readonly rankCorrelation: { readonly gradientActivation: number; readonly weightNorm: number };
  /** Of the model's weights before; those after are proved to have the same. */
  readonly weightsSha256: string;
}

/**
 * Takes each particle of a classifier away in turn (every filter of a convolution, every layer, every activation) and measures mean
 * cross entropy and accuracy on `dataset`. The model itself is not touched, which is proved by the hash of its weights. The same
 * model and data give the same numbers in every run, with any number of threads.
 *
 * Values that a removal does not change are computed once for each batch; only what comes after the removed particle is computed again.
 *
 * @throws DataError where there are no samples; GraphError where the model has not one output.
 */
export function ablate(
  model: Module,
  dataset: Dataset<LabelledBatch>,
  { limit = dataset.length, batchSize = 100, onProgress }: AblateOptions = {},
): Ablation {
  const samples = Math.min(limit, dataset.length);
  if (!(samples >= 1)) throw new DataError(`ablate: ${samples} samples are too few; give at least 1`);
  const before = weightsSha256(model);
  const result = inEvaluation(model, () =>
    scope(() => measured(model, dataset, samples, batchSize, onProgress), "ablation"),
  );
  if (weightsSha256(model) !== before) throw new GraphError("ablate: the weights changed while they were measured");
  return { ...result, weightsSha256: before };
}

/** A particle to be removed, and the sums over the batches so far. */
interface Candidate {
  readonly node: GraphNode;
  readonly kind: Removal["kind"];
  /** The filter's number, for filters. */
  readonly index: number | undefined;
  /** The nodes that have to be computed again. */
  readonly after: readonly GraphNode[];
  loss: number;
  right: number;
  estimate: number;
}

function measured(
  model: Module,
  dataset: Dataset<LabelledBatch>,
  samples: number,
  batchSize: number,
  onProgress: AblateOptions["onProgress"],
): Omit<Ablation, "weightsSha256"> {
  const graph = decompose(model, dataset.batch([0]).images);
  if (graph.outputs.length !== 1) {
    throw new GraphError(`ablate: the model has ${graph.outputs.length} outputs; a classifier has one`);
  }
  const candidates = candidatesOf(graph);
  const total = candidates.length * Math.ceil(samples / batchSize);
  let done = 0;
  let loss = 0;
  let right = 0;
  onProgress?.(0, total, Number.NaN);
  for (let start = 0; start < samples; start += batchSize) {
    const count = Math.min(batchSize, samples - start);
    scope(() => {
      const batch = dataset.batch(Int32Array.from({ length: count }, (_, index) => start + index));
      const { values, gradients } = evaluated(graph, batch);
      const whole = judged(values.get(graph.outputs[0]!)!, batch.labels);
      loss += whole.loss;
      right += whole.right;
      for (const candidate of candidates) {
        const found = noGrad(() => scope(() => judged(without(candidate, graph, values), batch.labels)));
        candidate.loss += found.loss;
        candidate.right += found.right;
        candidate.estimate += estimateOf(candidate, values, gradients.get(candidate.node.id)!);
        onProgress?.(++done, total, found.loss / count);
      }
    }, "batch");
  }
  const removals = candidates.map((candidate): Removal => {
    const { node, kind, index } = candidate;
    return {
      id: index === undefined ? node.id : `${node.id}/${node.particle.kernels!.kind}${index}`,
      kind,
      module: node.module,
      loss: candidate.loss / samples,
      accuracy: candidate.right / samples,
      lossIncrease: (candidate.loss - loss) / samples,
      gradientActivation: candidate.estimate / samples,
      weightNorm: weightNormOf(candidate, graph),
    };
  });
  const filters = removals.filter(({ kind }) => kind === "filter");
  const increases = filters.map(({ lossIncrease }) => lossIncrease);
  return {
    samples,
    loss: loss / samples,
    accuracy: right / samples,
    removals,
    rankCorrelation: {
      gradientActivation: rankCorrelation(
        increases,
        filters.map((filter) => filter.gradientActivation),
      ),
      weightNorm: rankCorrelation(
        increases,
        filters.map((filter) => filter.weightNorm ?? 0),
      ),
    },
  };
}

/** Filters first, then layers (pools too), then activations; each in the order of the graph. Mere changes of shape are left out. */
function candidatesOf(graph: ParticleGraph): Candidate[] {
  const shapes = new Map([
    ...graph.inputs.map(({ name, shape }) => [name, shape] as const),
    ...graph.nodes.map(({ id, shape }) => [id, shape] as const),
  ]);
  const filters: Candidate[] = [];
  const layers: Candidate[] = [];
  const activations: Candidate[] = [];
  for (const node of graph.nodes) {
    if (node.particle.shares) continue;
    const start = { node, after: nodesAfter(graph, node.id), loss: 0, right: 0, estimate: 0 };
    const sources = Object.values(node.inputs);
    const only = sources.length === 1 ? shapes.get(sources[0]!) : undefined;
    if (only && sameShape(only, node.shape)) activations.push({ ...start, kind: "activation", index: undefined });
    else layers.push({ ...start, kind: "layer", index: undefined });
    const { kernels } = node.particle;
    if (kernels?.kind !== "filter") continue;
    const count = node.shape.at(kernels.axis)!;
    for (let index = 0; index < count; index++) filters.push({ ...start, kind: "filter", index });
  }
  return [...filters, ...layers, ...activations];
}

/** The nodes that the value of this name reaches. */
function nodesAfter(graph: ParticleGraph, name: string): GraphNode[] {
  const reached = new Set([name]);
  return graph.nodes.filter(({ id, inputs }) => {
    const hit = Object.values(inputs).some((source) => reached.has(source));
    if (hit) reached.add(id);
    return hit;
  });
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
    own.requiresGrad = tensor.requiresGrad;
    values.set(name, own);
  }
  values.set(graph.inputs[0]!.name, images);
  for (const node of graph.nodes) {
    const value = applyNode(node, (name) => values.get(name)!);
    if (value.requiresGrad && !value.isLeaf) value.retainGrad();
    values.set(node.id, value);
  }
  const loss = crossEntropy(values.get(graph.outputs[0]!)!, labels, { reduction: "sum" });
  if (loss.requiresGrad) loss.backward();
  const gradients = new Map<string, Float32Array>();
  for (const { id } of graph.nodes) {
    const value = values.get(id)!;
    gradients.set(id, value.grad ? (value.grad.data.slice() as Float32Array) : new Float32Array(value.size));
  }
  return { values, gradients };
}

/** The output of the graph when the candidate is gone. */
function without(
  { node, kind, index, after }: Candidate,
  graph: ParticleGraph,
  values: ReadonlyMap<string, Tensor>,
): Tensor {
  const changed = new Map<string, Tensor>();
  if (kind === "activation") changed.set(node.id, values.get(Object.values(node.inputs)[0]!)!);
  else changed.set(node.id, silenced(values.get(node.id)!, node, index));
  for (const next of after) {
    changed.set(
      next.id,
      applyNode(next, (name) => changed.get(name) ?? values.get(name)!),
    );
  }
  const output = graph.outputs[0]!;
  return changed.get(output) ?? values.get(output)!;
}

/** A copy of a node's value in which one channel, or everything, is 0. */
function silenced(value: Tensor, node: GraphNode, index: number | undefined): Tensor {
  const copy = empty(value.shape, { dtype: value.dtype });
  copy.data.set(value.data);
  for (const [start, end] of rangesOf(value, node, index)) copy.data.fill(0, start, end);
  return copy;
}

/** Where the numbers of one channel lie, sample by sample; without a channel, those of each sample. */
function* rangesOf({ shape, size }: Tensor, node: GraphNode, index: number | undefined): Iterable<[number, number]> {
  const axis = index === undefined ? 0 : shape.length + node.particle.kernels!.axis;
  const channels = index === undefined ? 1 : shape[axis]!;
  const outer = shape.slice(0, Math.max(axis, 1)).reduce((product, length) => product * length, 1);
  const inner = size / outer / channels;
  for (let sample = 0; sample < outer; sample++) {
    const start = (sample * channels + (index ?? 0)) * inner;
    yield [start, start + inner];
  }
}

/** Σ over the samples of |Σ gradient × (new − old value)|, where new is 0 or, for an activation, its input. */
function estimateOf(
  { node, kind, index }: Candidate,
  values: ReadonlyMap<string, Tensor>,
  gradient: Float32Array,
): number {
  const value = values.get(node.id)!;
  const old = value.data;
  const passed = kind === "activation" ? values.get(Object.values(node.inputs)[0]!)!.data : undefined;
  let total = 0;
  for (const [start, end] of rangesOf(value, node, index)) {
    let sum = 0;
    for (let at = start; at < end; at++) sum += gradient[at]! * ((passed ? passed[at]! : 0) - old[at]!);
    total += Math.abs(sum);
  }
  return total;
}

function weightNormOf({ node, index }: Candidate, graph: ParticleGraph): number | undefined {
  const port = node.particle.kernels?.ports[0] as string | undefined;
  const weight = port === undefined ? undefined : graph.tensors.get(node.inputs[port] ?? "");
  if (!weight) return undefined;
  const size = index === undefined ? weight.size : weight.size / weight.shape[0]!;
  const start = (index ?? 0) * size;
  let sum = 0;
  for (const number of weight.data.subarray(start, start + size)) sum += number * number;
  return Math.sqrt(sum);
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
