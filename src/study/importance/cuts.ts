/** Which parts of which parameters go when filters and neurons do. */
import { empty } from "../../core/creation.ts";
import { scope } from "../../core/scope.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { GraphError } from "../../errors.ts";
import { applyNode, type GraphNode, type ParticleGraph } from "../graph/graph.ts";
import { shapesOf } from "../measure/cost.ts";

/** For each module by its path the numbers of the filters or neurons that stay: `{ conv1: [0, 2, 5] }`. */
export type Kept = Readonly<Record<string, readonly number[]>>;

/** What stays of a parameter along its axes; an axis that is missing stays whole. */
export type Cut = Map<number, readonly number[]>;

/** The cut of every parameter that changes. */
export function cutsOf(graph: ParticleGraph, keep: Kept, samples: readonly Tensor[]): Map<string, Cut> {
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
      const { ports, inputAxis } = reader.particle.kernels!;
      const weight = reader.inputs[ports[0] as string]!;
      const channelCount = graph.tensors.get(weight)!.shape[inputAxis]!;
      const rest = Array.from({ length: channelCount }, (_, index) => index).filter((index) => !channels.has(index));
      cut(weight, inputAxis, rest);
    }
  }
  return cuts;
}

/** The applications of a module that is made of kernels. */
export function producersOf(graph: ParticleGraph, path: string): GraphNode[] {
  const nodes = graph.nodes.filter(({ module, particle }) => module === path && particle.kernels);
  if (nodes.length === 0) {
    const prunable = new Set(graph.nodes.filter(({ particle }) => particle.kernels).map(({ module }) => module));
    throw new GraphError(`prune: no layer "${path}" is made of kernels; there are ${[...prunable].join(", ")}`);
  }
  for (const node of nodes) refuseViews(graph, node);
  return nodes;
}

/** Where each kernel reads only its own part of the input, what the others leave cannot be told from what it needs. */
function refuseViews(graph: ParticleGraph, { id, particle, inputs, attributes }: GraphNode): void {
  const shapes = shapesOf(graph);
  const at = Object.fromEntries(Object.entries(inputs).map(([port, source]) => [port, shapes.get(source)!]));
  const view = particle.kernels!.view?.(0, at, attributes);
  if (view === undefined) return;
  throw new GraphError(
    `prune: each ${particle.kernels!.kind} of ${id} reads ${view.end - view.start} channels of ${at[view.port as string]![view.axis]}; only layers whose kernels read all of them shrink`,
  );
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
        refuseViews(graph, node);
        const input = values.get(tainted[0]!)!;
        const found = reached.get(node.id) ?? new Set<number>();
        for (const channel of channelsWithNaN(input, node.particle.kernels!.axis)) found.add(channel);
        reached.set(node.id, found);
      } else if (tainted.length > 0) refuseParameters(node, graph);
      const made = applyNode(node, (name) =>
        absorbs && tainted.includes(name) ? clean(values.get(name)!) : values.get(name)!,
      );
      for (const [name, value] of made) values.set(name, value);
      const value = made.get(node.id);
      if (value && producers.includes(node)) {
        const axis = value.shape.length + node.particle.kernels!.axis;
        for (const [channel, start, end] of channelRanges(value.shape, axis)) {
          if (kernels.includes(channel)) value.data.fill(Number.NaN, start, end);
        }
      }
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
export function cutOut(parameter: Tensor, cut: Cut): Tensor {
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
