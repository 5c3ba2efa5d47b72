/** Removes filters and neurons for good: the layer gets smaller, and so do the layers that read them. */
import { empty } from "../core/creation.ts";
import { noGrad } from "../core/recording.ts";
import { scope } from "../core/scope.ts";
import type { Shape } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { GraphError } from "../errors.ts";
import { Conv2d } from "../nn/conv2d.ts";
import { Linear } from "../nn/linear.ts";
import type { Module } from "../nn/module.ts";
import { Parameter } from "../nn/parameter.ts";
import { decompose } from "./decompose.ts";
import { removeKernel, reshaped } from "./edit.ts";
import { inEvaluation } from "./evaluation.ts";
import { applyNode, type GraphNode, type ParticleGraph } from "./graph.ts";

/** For each module by its path the numbers of the filters or neurons that stay: `{ conv1: [0, 2, 5] }`. */
export type Kept = Readonly<Record<string, readonly number[]>>;

export interface PruneOptions {
  /** How far the pruned model may be from the masked one, in each output. 1e-6 by default, times the largest output where that is above 1. */
  readonly tolerance?: number;
}

export interface Pruning {
  /** The largest difference between the outputs of the pruned model and of the original with the same filters set to zero. */
  readonly largestDifference: number;
  /** The same as a share of the largest output, or of 1 where all are smaller. */
  readonly relativeDifference: number;
  readonly parametersBefore: number;
  readonly parametersAfter: number;
  /** The parameters that changed, with their old and new shapes. */
  readonly changed: readonly { readonly name: string; readonly before: Shape; readonly after: Shape }[];
}

/**
 * Removes all filters and neurons of the named modules but those in `keep`, and the inputs that belonged to them from the layers that read
 * them. The model is changed in place: it trains on and saves as before. Its smaller parameters are new tensors, so optimisers
 * have to be made anew.
 *
 * Which inputs of a later layer belong to a filter is found by sending NaN through the model instead of its channel, so pools, activations
 * and reshapes between them need no rules of their own. Before anything is changed, the pruned outputs for `sample` are compared with
 * those of the original with the removed filters set to zero.
 *
 * @throws GraphError where the model cannot be pruned so: a channel reaches the output or is mixed with others, groups, a
 * residual sum with channels that stay, an activation that does not give 0 for 0. Then the model is as it was.
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

/** What stays of a parameter along its axes; an axis that is missing stays whole. */
type Cut = Map<number, readonly number[]>;

/** The cut of every parameter that changes. */
function cutsOf(graph: ParticleGraph, keep: Kept, samples: readonly Tensor[]): Map<string, Cut> {
  const cuts = new Map<string, Cut>();
  const cut = (name: string, axis: number, kept: readonly number[]) => {
    const own = cuts.get(name) ?? new Map<number, readonly number[]>();
    cuts.set(name, own);
    const other = own.get(axis);
    if (other && other.join() !== kept.join()) {
      throw new GraphError(`prune: ${name} would have to be cut in two ways; it is used in several places`);
    }
    own.set(axis, kept);
  };
  for (const [path, wanted] of Object.entries(keep)) {
    const nodes = producersOf(graph, path);
    const { particle, inputs } = nodes[0]!;
    const ports = particle.kernels!.ports as string[];
    const count = graph.tensors.get(inputs[ports[0]!]!)!.shape[0]!;
    const kept = [...new Set(wanted)].sort((a, b) => a - b);
    const wrong = kept.find((index) => !Number.isInteger(index) || index < 0 || index >= count);
    if (wrong !== undefined) {
      throw new GraphError(`prune: ${path} has ${count} kernels, 0 to ${count - 1}, and none numbered ${wrong}`);
    }
    if (kept.length === 0) throw new GraphError(`prune: nothing would be left of ${path}; keep at least one kernel`);
    const gone = Array.from({ length: count }, (_, index) => index).filter((index) => !kept.includes(index));
    if (gone.length === 0) continue;
    for (const port of ports) if (inputs[port] !== undefined) cut(inputs[port], 0, kept);
    const lost = reachOf(graph, nodes, gone, samples);
    const staying = reachOf(graph, nodes, kept, samples);
    for (const [id, channels] of lost) {
      const reader = graph.node(id);
      const mixed = [...channels].find((channel) => staying.get(id)?.has(channel));
      if (mixed !== undefined) {
        throw new GraphError(
          `prune: input ${mixed} of ${id} depends on filters of ${path} that go and on some that stay`,
        );
      }
      const weight = reader.inputs[(reader.particle.kernels!.ports as string[])[0]!]!;
      const inputsOfReader = graph.tensors.get(weight)!.shape[1]!;
      const rest = Array.from({ length: inputsOfReader }, (_, index) => index).filter((index) => !channels.has(index));
      cut(weight, 1, rest);
    }
  }
  return cuts;
}

/** The applications of a module that is made of kernels. */
function producersOf(graph: ParticleGraph, path: string): GraphNode[] {
  const nodes = graph.nodes.filter(({ module, particle }) => module === path && particle.kernels);
  if (nodes.length === 0) {
    const prunable = new Set(graph.nodes.filter(({ particle }) => particle.kernels).map(({ module }) => module));
    throw new GraphError(`prune: no layer "${path}" is made of kernels; there are ${[...prunable].join(", ")}`);
  }
  for (const node of nodes) refuseGroups(node);
  return nodes;
}

function refuseGroups({ id, attributes }: GraphNode): void {
  const { groups = 1 } = (attributes ?? {}) as { groups?: number };
  if (groups !== 1) throw new GraphError(`prune: ${id} has ${groups} groups; only convolutions without groups shrink`);
}

/** Which input channels of which later layers depend on these kernels: those that become NaN with them. */
function reachOf(
  graph: ParticleGraph,
  producers: readonly GraphNode[],
  kernels: readonly number[],
  samples: readonly Tensor[],
): Map<string, Set<number>> {
  const reached = new Map<string, Set<number>>();
  scope(() => {
    const values = new Map<string, Tensor>(graph.tensors);
    for (const [index, { name }] of graph.inputs.entries()) values.set(name, clean(samples[index]!));
    for (const node of graph.nodes) {
      const tainted = Object.values(node.inputs).filter(
        (name) => !graph.tensors.has(name) && hasNaN(values.get(name)!),
      );
      const absorbs = tainted.length > 0 && absorbing(node, graph);
      if (absorbs) {
        refuseGroups(node);
        const input = values.get(tainted[0]!)!;
        const found = reached.get(node.id) ?? new Set<number>();
        for (const channel of channelsWithNaN(input, node.particle.kernels!.axis)) found.add(channel);
        reached.set(node.id, found);
      } else if (tainted.length > 0) refuseParameters(node, graph);
      const value = applyNode(node, (name) =>
        absorbs && tainted.includes(name) ? clean(values.get(name)!) : values.get(name)!,
      );
      if (producers.includes(node)) {
        const axis = value.shape.length + node.particle.kernels!.axis;
        for (const [channel, start, end] of channelRanges(value.shape, axis)) {
          if (kernels.includes(channel)) value.data.fill(Number.NaN, start, end);
        }
      }
      values.set(node.id, value);
    }
    const output = graph.outputs.find((name) => hasNaN(values.get(name)!));
    if (output !== undefined) {
      throw new GraphError(
        `prune: channels of ${producers[0]!.module} reach the output ${output} with no layer between`,
      );
    }
  }, "NaN run");
  return reached;
}

/** Whether a layer mixes its input channels by its weights, so that its input can shrink while its output stays. */
function absorbing({ particle, inputs }: GraphNode, graph: ParticleGraph): boolean {
  return (
    particle.kernels?.ports.every(
      (port) => inputs[port as string] === undefined || graph.tensors.has(inputs[port as string]!),
    ) ?? false
  );
}

function refuseParameters({ id, inputs }: GraphNode, graph: ParticleGraph): void {
  const held = Object.values(inputs).find((name) => graph.tensors.has(name) && graph.tensors.get(name)!.size > 1);
  if (held === undefined) return;
  throw new GraphError(`prune: ${id} reads the channels beside ${held}, and it is not known how that would shrink`);
}

/** A tensor of the same shape that has no NaN: its numbers do not matter. */
function clean(value: Tensor): Tensor {
  if (value.dtype !== "float32") return value;
  const result = empty(value.shape);
  result.data.fill(1);
  return result;
}

function hasNaN({ data, dtype }: Tensor): boolean {
  return dtype === "float32" && data.some((number) => Number.isNaN(number));
}

function channelsWithNaN(value: Tensor, axis: number): Set<number> {
  const { data } = value;
  const found = new Set<number>();
  for (const [channel, start, end] of channelRanges(value.shape, value.shape.length + axis)) {
    if (!found.has(channel) && data.subarray(start, end).some((number) => Number.isNaN(number))) found.add(channel);
  }
  return found;
}

/** Channel, start and end of each run of numbers that belongs to one channel. */
function* channelRanges(shape: Shape, axis: number): Iterable<[number, number, number]> {
  const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const outer = shape.slice(0, axis).reduce((product, length) => product * length, 1);
  const channels = shape[axis]!;
  for (let block = 0; block < outer * channels; block++) yield [block % channels, block * inner, (block + 1) * inner];
}

/** A copy of what stays of a parameter. */
function cutOut(parameter: Tensor, cut: Cut): Tensor {
  let { shape } = parameter;
  let data = parameter.data.slice();
  for (const [axis, kept] of cut) {
    const after = shape.map((length, other) => (other === axis ? kept.length : length));
    const result = new Float32Array(after.reduce((product, length) => product * length, 1));
    const staying = new Set(kept);
    let at = 0;
    for (const [channel, start, end] of channelRanges(shape, axis)) {
      if (!staying.has(channel)) continue;
      result.set(data.subarray(start, end), at);
      at += end - start;
    }
    shape = after;
    data = result;
  }
  const result = empty(shape);
  result.data.set(data);
  return result;
}

/** The largest difference between the pruned and the masked graph, or a GraphError that says why they cannot be the same. */
function compare(
  graph: ParticleGraph,
  keep: Kept,
  smaller: ReadonlyMap<string, Tensor>,
  samples: readonly Tensor[],
  tolerance: number,
): Pick<Pruning, "largestDifference" | "relativeDifference"> {
  let masked = graph;
  for (const [path, kept] of Object.entries(keep)) {
    for (const { id, particle, inputs } of producersOf(graph, path)) {
      const count = graph.tensors.get(inputs[particle.kernels!.ports[0] as string]!)!.shape[0]!;
      for (let index = 0; index < count; index++) if (!kept.includes(index)) masked = removeKernel(masked, id, index);
    }
  }
  let actual: Tensor[];
  try {
    actual = reshaped(graph.with({ tensors: new Map([...graph.tensors, ...smaller]) })).runAll(samples);
  } catch (error) {
    throw new GraphError(`prune: the smaller model does not fit together: ${(error as Error).message}`);
  }
  const expected = masked.runAll(samples);
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
  if (largest > tolerance * scale) {
    throw new GraphError(
      `prune: the outputs would differ by ${largest} from those with the filters set to zero, more than ${tolerance * scale}; does an activation give something else than 0 for 0?`,
    );
  }
  return { largestDifference: largest, relativeDifference: largest / scale };
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
    for (const [field, value] of Object.entries(module)) {
      const made = replacements.get(value);
      if (made) Object.assign(module, { [field]: made });
    }
    if (module instanceof Conv2d) {
      const [outChannels, channels] = module.weight.shape as readonly number[];
      Object.assign(module, { outChannels, inChannels: channels! * (module.options.groups ?? 1) });
    } else if (module instanceof Linear) {
      const [outFeatures, inFeatures] = module.weight.shape;
      Object.assign(module, { outFeatures, inFeatures });
    }
  }
  for (const old of replacements.keys()) (old as Tensor).dispose();
}

function countOf(model: Module): number {
  return [...model.parameters()].reduce((count, { size }) => count + size, 0);
}
