/** How much a model needs each of its particles: what happens to loss and accuracy when one is taken away. */
import { openScope } from "../../core/scope.ts";
import type { Dataset } from "../../data/dataset.ts";
import { DataError, GraphError } from "../../errors.ts";
import { weightsSha256 } from "../../io/weightsSha256.ts";
import type { Module } from "../../nn/module.ts";
import { decompose } from "../graph/decompose.ts";
import { evaluationMode } from "../graph/evaluation.ts";
import { candidatesOf } from "./removal.ts";
import { type LabelledBatch, type Measurements, RemovalSums } from "./removalSums.ts";

/** How far an ablation is. */
export interface AblationProgress {
  /** How many removals on a batch are done, */
  readonly done: number;
  /** of how many, */
  readonly total: number;
  /** and the loss that the last one led to; NaN before the first. */
  readonly loss: number;
}

export interface AblateOptions {
  /** Use the first samples only. */
  readonly limit?: number;
  /**
   * Samples that are evaluated at once; 100 by default. It bounds the memory, and the losses differ in their last
   * digits with it.
   */
  readonly batchSize?: number;
  /** Remove each neuron of the linear layers in turn, too. False by default. */
  readonly neurons?: boolean;
  /**
   * Such as that of an AbortController: once aborted, the batch under way is finished and the result is of the samples
   * until then.
   */
  readonly signal?: { readonly aborted: boolean };
  /** Called before the first step and after each. */
  readonly onProgress?: (done: number, total: number, loss: number) => void;
}

/** What every removal did. */
export interface Ablation extends Measurements {
  /** Of the model's weights before; those after are proved to have the same. */
  readonly weightsSha256: string;
}

/**
 * Takes each particle of a classifier away in turn (every filter of a convolution, every layer, every activation; with
 * `neurons` every neuron of a linear layer) and measures mean cross entropy and accuracy on `dataset`. The model itself
 * is not touched, which is proved by the hash of its weights. The same model and data give the same numbers in every
 * run, with any number of threads.
 *
 * Values that a removal does not change are computed once for each batch; only what comes after the removed particle is
 * computed again.
 *
 * @throws DataError where there are no samples or a number is not whole; GraphError where the model has not one output.
 */
export function ablate(model: Module, dataset: Dataset<LabelledBatch>, options: AblateOptions = {}): Ablation {
  const steps = ablateStepwise(model, dataset, options);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/**
 * As `ablate`, one removal on one batch at a time, and it returns what `ablate` does: for a page that must stay alive
 * or a command that listens for Ctrl-C, which wait between the steps as they like. Tensors that they make there end
 * with the batch unless they are kept, and the model stays in evaluation mode until the last step, or until `return()`
 * ends the steps early.
 */
export function* ablateStepwise(
  model: Module,
  dataset: Dataset<LabelledBatch>,
  { limit = dataset.length, batchSize = 100, neurons = false, signal, onProgress }: AblateOptions = {},
): Generator<AblationProgress, Ablation, void> {
  const samples = Math.min(limit, dataset.length);
  for (const [what, count] of Object.entries({ limit: samples, batchSize })) {
    if (Number.isInteger(count) && count >= 1) continue;
    throw new DataError(
      `ablate: ${what} ${count} must be a whole number of at least 1; the data set has ${dataset.length} samples`,
    );
  }
  const before = weightsSha256(model);
  const restoreMode = evaluationMode(model);
  const opened = openScope("ablation");
  let result: Measurements;
  try {
    const graph = decompose(model, dataset.batch([0]).images);
    if (graph.outputs.length !== 1) {
      throw new GraphError(`ablate: the model has ${graph.outputs.length} outputs; a classifier has one`);
    }
    const sums = new RemovalSums(candidatesOf(graph, neurons));
    const total = sums.candidates.length * Math.ceil(samples / batchSize);
    let done = 0;
    const report = (loss: number): AblationProgress => {
      onProgress?.(done, total, loss);
      return { done, total, loss };
    };
    yield report(Number.NaN);
    while (sums.samples < samples && !(signal?.aborted && sums.samples > 0)) {
      const count = Math.min(batchSize, samples - sums.samples);
      for (const loss of sums.measure(graph, batchOf(dataset, sums.samples, count))) {
        done++;
        yield report(loss);
      }
    }
    result = sums.result(graph);
  } finally {
    opened.close();
    restoreMode();
  }
  if (weightsSha256(model) !== before) throw new GraphError("ablate: the weights changed while they were measured");
  return { ...result, weightsSha256: before };
}

function batchOf(dataset: Dataset<LabelledBatch>, start: number, count: number): () => LabelledBatch {
  return () => dataset.batch(Int32Array.from({ length: count }, (_, index) => start + index));
}
