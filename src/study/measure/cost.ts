/** What each particle of a graph costs: counted from its shapes, and measured where that is asked for. */
import { bytesOf } from "../../core/dtype.ts";
import { costFor } from "../../core/plans.ts";
import { noGrad } from "../../core/recording.ts";
import { scope } from "../../core/scope.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Buffer } from "../../nn/parameter.ts";
import { asRun } from "../graph/fusions.ts";
import { applyNode, type GraphNode, type ParticleGraph } from "../graph/graph.ts";
import { madeBy } from "../graph/graphValues.ts";

/** What one application costs, or one layer, or all of them together. */
export interface Cost {
  /** Learnt numbers that it reads. */
  readonly parameters: number;
  /** Products that are summed, as convolutions and matrix products make them; what they add as bias is not counted. */
  readonly multiplyAdds: number;
  /** Floating-point operations of every kind. */
  readonly flops: number;
  /** Bytes read and written if each is touched once. */
  readonly bytes: number;
  /** Floating-point operations a byte. */
  readonly intensity: number;
  /** Bytes of the output; none where it shares the block of its input. */
  readonly activationBytes: number;
  /** The median time of one forward application, where it was measured. */
  readonly milliseconds?: number;
  /** The share of the given peak that was reached, where it was measured. */
  readonly peakShare?: number;
}

/** The cost of one particle; at layer granularity, of all applications of one call of a layer. */
export interface CostCard extends Cost {
  readonly id: string;
  /** `conv2d`; those of a layer are joined by +. */
  readonly particle: string;
  readonly module: string;
  readonly shape: Shape;
  /** The fused particle that ran in the place of it and its neighbours, whose costs the total counts instead. */
  readonly fused?: string;
}

/** The cards of a graph in its order. It is plain data: `JSON.stringify` writes it. */
export interface CostTable {
  readonly granularity: ParticleGraph["granularity"];
  readonly cards: readonly CostCard[];
  /** The sums. A parameter that is read twice counts once. */
  readonly total: Cost;
}

export interface CostOptions {
  /**
   * Inputs to measure with; nothing is measured without them. They must be of the shapes that the graph was made with.
   */
  readonly inputs?: Tensor | readonly Tensor[];
  /** How often each particle is timed; 5 by default. The median counts. */
  readonly repeats?: number;
  /** The present time in milliseconds; by default that of `performance`. */
  readonly clock?: () => number;
  /** The floating-point operations that the machine can do in a second, as measured; for the shares of it. */
  readonly peak?: number;
}

/**
 * The cost cards of a graph at its granularity, for the shapes that it was made with. Numbers are counted on
 * applications: a layer that is used twice has two cards.
 */
export function costs(graph: ParticleGraph, options: CostOptions = {}): CostTable {
  const shapes = shapesOf(graph);
  const times = options.inputs === undefined ? undefined : measure(graph, options.inputs, options);
  const cards = groupsOf(graph).map((nodes): CostCard => {
    const last = nodes.at(-1)!;
    const layer = graph.granularity === "layer";
    return {
      id: layer ? last.layer : last.id,
      particle: nodes.map(({ particle }) => particle.name).join("+"),
      module: last.module,
      shape: last.shape,
      ...(last.fused !== undefined && { fused: last.fused }),
      ...costOf(nodes, graph, shapes, times, options.peak),
    };
  });
  return {
    granularity: graph.granularity,
    cards,
    total: costOf(graph.nodes, graph, shapes, times, options.peak),
  };
}

/** Whether a value of the graph is a parameter of the model: neither a constant nor a buffer nor made by a node. */
export function isParameter(graph: ParticleGraph, name: string): boolean {
  const tensor = graph.tensors.get(name);
  return tensor !== undefined && !(tensor instanceof Buffer) && !name.startsWith("constant#");
}

/** The shape of every value of a graph by name. */
export function shapesOf(graph: ParticleGraph): Map<string, Shape> {
  return new Map([
    ...graph.inputs.map(({ name, shape }) => [name, shape] as const),
    ...[...graph.tensors].map(([name, tensor]) => [name, tensor.shape] as const),
    ...graph.nodes.flatMap(madeBy).map(({ name, shape }) => [name, shape] as const),
  ]);
}

/** The nodes that one card is for. */
function groupsOf(graph: ParticleGraph): GraphNode[][] {
  if (graph.granularity !== "layer") return graph.nodes.map((node) => [node]);
  const groups = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) groups.set(node.layer, [...(groups.get(node.layer) ?? []), node]);
  return [...groups.values()];
}

function costOf(
  nodes: readonly GraphNode[],
  graph: ParticleGraph,
  shapes: ReadonlyMap<string, Shape>,
  times: ReadonlyMap<string, number> | undefined,
  peak: number | undefined,
): Cost {
  const learnt = new Set(
    nodes.flatMap(({ inputs }) => Object.values(inputs)).filter((name) => isParameter(graph, name)),
  );
  let [multiplyAdds, flops, bytes, activationBytes, milliseconds] = [0, 0, 0, 0, 0];
  for (const { nodes: parts, particle, attributes } of asRun(nodes)) {
    const cost = costFor(particle, inputShapes(parts[0]!, shapes), attributes);
    flops += cost.flops;
    bytes += cost.bytes;
    multiplyAdds += cost.products ?? 0;
    // Of those that run as one, only the last output comes to be.
    const last = parts.at(-1)!;
    if (!last.particle.shares) {
      for (const { shape, dtype } of madeBy(last)) activationBytes += sizeOf(shape) * bytesOf[dtype];
    }
  }
  for (const node of nodes) {
    milliseconds += times?.get(node.id) ?? 0;
  }
  return {
    parameters: [...learnt].reduce((sum, name) => sum + graph.tensors.get(name)!.size, 0),
    multiplyAdds,
    flops,
    bytes,
    intensity: bytes === 0 ? 0 : flops / bytes,
    activationBytes,
    ...(times && { milliseconds }),
    ...(times && peak !== undefined && { peakShare: milliseconds > 0 ? (1000 * flops) / milliseconds / peak : 0 }),
  };
}

function inputShapes({ inputs }: GraphNode, shapes: ReadonlyMap<string, Shape>): Record<string, Shape> {
  return Object.fromEntries(Object.entries(inputs).map(([port, name]) => [port, shapes.get(name)!]));
}

/** The median time of each node in milliseconds. Each is timed on the values that flow into it. */
function measure(
  graph: ParticleGraph,
  inputs: Tensor | readonly Tensor[],
  { repeats = 5, clock = () => performance.now() }: CostOptions,
): Map<string, number> {
  const given = Array.isArray(inputs) ? (inputs as readonly Tensor[]) : [inputs as Tensor];
  const medians = new Map<string, number>();
  noGrad(() =>
    scope(() => {
      const values = new Map<string, Tensor>(graph.tensors);
      for (const [index, { name }] of graph.inputs.entries()) values.set(name, given[index]!);
      for (const node of graph.nodes) {
        const apply = () => {
          const made = applyNode(node, (name) => values.get(name)!);
          // An op may leave its work to the next one. Here each does its own.
          for (const value of made.values()) value.held.settled();
          return made;
        };
        // The first application fills caches and derived blocks; it is not timed.
        for (const [name, value] of apply()) values.set(name, value);
        const times: number[] = [];
        for (let repeat = 0; repeat < repeats; repeat++) {
          const started = clock();
          const again = apply();
          times.push(clock() - started);
          for (const value of again.values()) value.dispose();
        }
        times.sort((a, b) => a - b);
        medians.set(node.id, times[Math.floor(times.length / 2)] ?? 0);
      }
    }, "measurement"),
  );
  return medians;
}
