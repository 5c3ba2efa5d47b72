/** One particle taken out of a graph: what can go, what comes out without it, and what that should do to the loss. */
import { sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { copyOf } from "../graph/copyOf.ts";
import { applyNode, type GraphNode, type ParticleGraph } from "../graph/graph.ts";
import { madeBy } from "../graph/graphValues.ts";
import { givesMaps } from "../graph/kernels.ts";
import { shapesOf } from "../measure/cost.ts";

/**
 * What goes. `layer`: the whole output becomes 0. `activation`: the input passes unchanged. All others are what a
 * particle calls its kernels, as `filter` and `neuron`: what one of them gives becomes 0.
 */
export type RemovalKind = string;

/** A particle that can be removed. */
export interface Candidate {
  readonly node: GraphNode;
  readonly kind: RemovalKind;
  /** The number of the filter or neuron; undefined for what goes whole. */
  readonly index: number | undefined;
  /** The nodes that have to be computed again. */
  readonly after: readonly GraphNode[];
}

/**
 * Kernels that give a map first, then, with `neurons`, those that give one number, layers (pools too) and activations;
 * each in the order of the graph. Mere changes of shape are left out.
 */
export function candidatesOf(graph: ParticleGraph, neurons: boolean): Candidate[] {
  const shapes = shapesOf(graph);
  const [maps, numbers, layers, activations]: Candidate[][] = [[], [], [], []];
  for (const node of graph.nodes) {
    // What has several outputs is not taken away: it has no one place to silence.
    if (node.particle.shares || node.particle.outputs) continue;
    const after = nodesAfter(graph, node.id);
    const sources = Object.values(node.inputs);
    const only = sources.length === 1 ? shapes.get(sources[0]!) : undefined;
    const passes = only !== undefined && sameShape(only, node.shape);
    if (passes) activations!.push({ node, kind: "activation", index: undefined, after });
    else layers!.push({ node, kind: "layer", index: undefined, after });
    const { kernels } = node.particle;
    if (!kernels || (!givesMaps(kernels) && !neurons)) continue;
    const count = node.shape.at(kernels.axis)!;
    const own = Array.from({ length: count }, (_, index) => ({ node, kind: kernels.kind, index, after }));
    (givesMaps(kernels) ? maps! : numbers!).push(...own);
  }
  return [maps!, numbers!, layers!, activations!].flat();
}

/** The nodes that the value of this name reaches. */
function nodesAfter(graph: ParticleGraph, name: string): GraphNode[] {
  const reached = new Set([name]);
  return graph.nodes.filter((node) => {
    const hit = Object.values(node.inputs).some((source) => reached.has(source));
    if (hit) for (const { name } of madeBy(node)) reached.add(name);
    return hit;
  });
}

/** `conv2d#1/filter3`; a whole layer has the id of its application. */
export function nameOf({ node, index }: Candidate): string {
  return index === undefined ? node.id : `${node.id}/${node.particle.kernels!.kind}${index}`;
}

/** The output of the graph when the candidate is gone. `values` holds what every node gives while it is there. */
export function without(candidate: Candidate, graph: ParticleGraph, values: ReadonlyMap<string, Tensor>): Tensor {
  const { node, kind, index, after } = candidate;
  const changed = new Map<string, Tensor>();
  if (kind === "activation") changed.set(node.id, values.get(Object.values(node.inputs)[0]!)!);
  else changed.set(node.id, silenced(values.get(node.id)!, node, index));
  for (const next of after) {
    for (const [name, value] of applyNode(next, (name) => changed.get(name) ?? values.get(name)!)) {
      changed.set(name, value);
    }
  }
  const output = graph.outputs[0]!;
  return changed.get(output) ?? values.get(output)!;
}

/** A copy of a node's value in which one channel, or everything, is 0. */
function silenced(value: Tensor, node: GraphNode, index: number | undefined): Tensor {
  const copy = copyOf(value);
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
export function estimateOf(
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

/** The Euclidean norm of the candidate's weights; undefined for what has none. */
export function weightNormOf({ node, index }: Candidate, graph: ParticleGraph): number | undefined {
  const port = node.particle.kernels?.ports[0] as string | undefined;
  const weight = port === undefined ? undefined : graph.tensors.get(node.inputs[port] ?? "");
  if (!weight) return undefined;
  const size = index === undefined ? weight.size : weight.size / weight.shape[0]!;
  const start = (index ?? 0) * size;
  let sum = 0;
  for (const number of weight.data.subarray(start, start + size)) sum += number * number;
  return Math.sqrt(sum);
}
