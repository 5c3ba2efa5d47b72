/** Removes filters and neurons for good: the layer gets smaller, and so do the layers that read them. */
import type { Values } from "../../core/particle.ts";
import { noGrad } from "../../core/recording.ts";
import { scope } from "../../core/scope.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { GraphError } from "../../errors.ts";
import type { Module } from "../../nn/module.ts";
import { Parameter } from "../../nn/parameter.ts";
import { decompose } from "../graph/decompose.ts";
import { removeKernel, reshaped } from "../graph/edit.ts";
import { inEvaluation } from "../graph/evaluation.ts";
import { firstInFloat64 } from "../graph/float64.ts";
import type { ParticleGraph } from "../graph/graph.ts";
import { cutOut, cutsOf, type Kept, producersOf } from "./cuts.ts";

export interface PruneOptions {
  /**
   * How far the pruned model may be from the masked one, 1e-6 by default: in float64 in each output; as its kernels
   * compute it, as a share of the largest output (or of 1 where all are smaller).
   */
  readonly tolerance?: number;
}

export interface Pruning {
  /**
   * The largest difference between the outputs of the pruned model and of the original with the same filters set to
   * zero, in float32.
   */
  readonly largestDifference: number;
  /** The same as a share of the largest output, or of 1 where all are smaller. */
  readonly relativeDifference: number;
  /**
   * The largest difference for the first sample where both are computed in float64 by the particles' definitions: with
   * no rounding to speak of.
   */
  readonly float64Difference: number;
  readonly parametersBefore: number;
  readonly parametersAfter: number;
  /** The parameters that changed, with their old and new shapes. */
  readonly changed: readonly { readonly name: string; readonly before: Shape; readonly after: Shape }[];
}

/**
 * Removes all filters and neurons of the named modules but those in `keep`, and the inputs that belonged to them from
 * the layers that read them. The model is changed in place: it trains on and saves as before. Its smaller parameters
 * are new tensors, so optimisers have to be made anew.
 *
 * Which inputs of a later layer belong to a filter is found by sending NaN through the model instead of its channel, so
 * pools, activations and reshapes between them need no rules of their own. Before anything is changed, the pruned
 * outputs for `sample` are compared with those of the original with the removed filters set to zero.
 *
 * As functions the two are equal, which shows in float64. In float32 they may part in the last bits: a kernel adds long
 * sums block by block, and where terms that were zero are gone the blocks hold others; and which algorithm computes a
 * convolution depends on its channels. One unit in the last place of an output of 10 is 9.5e-7, so the difference is
 * judged relative to the largest output.
 *
 * @throws GraphError where the model cannot be pruned so: a channel reaches the output or is mixed with others, groups,
 * a residual sum with channels that stay, an activation that does not give 0 for 0. Then the model is as it was.
 */
export function prune(
  model: Module,
  keep: Kept,
  sample: Tensor | readonly Tensor[],
  { tolerance = 1e-6 }: PruneOptions = {},
): Pruning {
  const samples = Array.isArray(sample) ? (sample as readonly Tensor[]) : [sample as Tensor];
  return inEvaluation(model, () =>
    noGrad(() =>
      scope(() => {
        const graph = decompose(model, samples);
        const cuts = cutsOf(graph, keep, samples);
        const smaller = new Map([...cuts].map(([name, cut]) => [name, cutOut(graph.tensors.get(name)!, cut)]));
        const differences = compare(graph, keep, smaller, samples, tolerance);
        const parametersBefore = countOf(model);
        const changed = [...smaller].map(([name, { shape }]) => ({
          name,
          before: graph.tensors.get(name)!.shape,
          after: shape,
        }));
        exchange(model, graph, smaller);
        return { ...differences, parametersBefore, parametersAfter: countOf(model), changed };
      }, "pruning"),
    ),
  );
}

/**
 * The largest difference between the pruned and the masked graph, or a GraphError that says why they cannot be the
 * same.
 */
function compare(
  graph: ParticleGraph,
  keep: Kept,
  smaller: ReadonlyMap<string, Tensor>,
  samples: readonly Tensor[],
  tolerance: number,
): Pick<Pruning, "largestDifference" | "relativeDifference" | "float64Difference"> {
  let masked = graph;
  for (const [path, kept] of Object.entries(keep)) {
    for (const { id, particle, inputs } of producersOf(graph, path)) {
      const count = graph.tensors.get(inputs[particle.kernels!.ports[0] as string]!)!.shape[0]!;
      for (let index = 0; index < count; index++) if (!kept.includes(index)) masked = removeKernel(masked, id, index);
    }
  }
  let pruned: ParticleGraph;
  let actual: Tensor[];
  try {
    pruned = reshaped(graph.with({ tensors: new Map([...graph.tensors, ...smaller]) }));
    actual = pruned.runAll(samples);
  } catch (error) {
    throw new GraphError(`prune: the smaller model does not fit together: ${(error as Error).message}`);
  }
  const { largest, scale } = furthest(masked.runAll(samples), actual);
  if (largest > tolerance * scale) throw tooFar(largest, tolerance * scale);
  const exact = furthest(firstInFloat64(masked, samples), firstInFloat64(pruned, samples)).largest;
  if (exact > tolerance) throw tooFar(exact, tolerance);
  return { largestDifference: largest, relativeDifference: largest / scale, float64Difference: exact };
}

/** The largest difference of two lists of outputs, and the largest output, at least 1. */
function furthest(expected: readonly Pick<Values, "data">[], actual: readonly Pick<Values, "data">[]) {
  let largest = 0;
  let scale = 1;
  for (const [index, { data }] of expected.entries()) {
    const other = actual[index]!.data;
    for (let at = 0; at < data.length; at++) {
      const distance = Math.abs(data[at]! - other[at]!);
      largest = Math.max(largest, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
      scale = Math.max(scale, Math.abs(data[at]!));
    }
  }
  return { largest, scale };
}

function tooFar(difference: number, allowed: number): GraphError {
  return new GraphError(
    `prune: the outputs would differ by ${difference} from those with the filters set to zero, more than ${allowed}; does an activation give something else than 0 for 0?`,
  );
}

/** Puts the smaller parameters where the old ones stand, in every module that holds them, and ends the old ones. */
function exchange(model: Module, graph: ParticleGraph, smaller: ReadonlyMap<string, Tensor>): void {
  const replacements = new Map<unknown, Parameter>();
  for (const [name, data] of smaller) {
    const old = graph.tensors.get(name)!;
    const made = new Parameter(data);
    made.requiresGrad = old.requiresGrad;
    made.label = old.label;
    replacements.set(old, made);
  }
  for (const module of model.modules()) {
    for (const part of [...module.parts()]) {
      const made = replacements.get(part.value);
      if (made) part.replace(made);
    }
  }
  for (const old of replacements.keys()) (old as Tensor).dispose();
}

function countOf(model: Module): number {
  return [...model.parameters()].reduce((count, { size }) => count + size, 0);
}
