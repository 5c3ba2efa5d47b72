/** Cuts convolutions into single filters and linear layers into single neurons. */
import { empty } from "../../core/creation.ts";
import type { KernelSplit } from "../../core/particle.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { concatParticle } from "../../particles/layout/concat.ts";
import { sliceParticle } from "../../particles/layout/slice.ts";
import { type GraphNode, ParticleGraph } from "./graph.ts";
import { madeBy } from "./graphValues.ts";

// biome-ignore lint/suspicious/noExplicitAny: ports and attributes are the particle's own business
type AnySplit = KernelSplit<any, any>;

/**
 * The graph at kernel granularity: every node whose particle says how it comes apart becomes one node for each kernel
 * (`conv2d#1/filter3`), with a copy of its own piece of the parameters, and one that joins their outputs under the old
 * id.
 */
export function splitKernels(graph: ParticleGraph): ParticleGraph {
  const tensors = new Map(graph.tensors);
  const shapes = new Map<string, Shape>([
    ...graph.inputs.map(({ name, shape }) => [name, shape] as const),
    ...[...graph.tensors].map(([name, tensor]) => [name, tensor.shape] as const),
    ...graph.nodes.flatMap(madeBy).map(({ name, shape }) => [name, shape] as const),
  ]);
  const nodes = graph.nodes.flatMap((node) => (canSplit(node, graph) ? split(node, shapes, tensors) : [node]));
  const read = new Set(nodes.flatMap(({ inputs }) => Object.values(inputs)));
  for (const name of tensors.keys()) if (!read.has(name)) tensors.delete(name);
  return new ParticleGraph({ ...graph, granularity: "kernel", nodes, tensors });
}

/** Only parameters can be cut; a weight that another particle computes stays whole. */
function canSplit({ particle, inputs }: GraphNode, graph: ParticleGraph): boolean {
  const ports = particle.kernels?.ports as readonly string[] | undefined;
  return ports?.every((port) => inputs[port] === undefined || graph.tensors.has(inputs[port])) ?? false;
}

/** An application that is made of kernels, such as filters, whose weights are the model's. */
export interface KernelLayer {
  /** `conv2d#1` */
  readonly id: string;
  readonly module: string;
  /** What its particle calls one of them: `filter`, `neuron`. */
  readonly kind: string;
  /** Whether each gives a map, and not a single number a sample. */
  readonly givesMaps: boolean;
  /** One entry a kernel along the first axis. */
  readonly weight: Tensor;
  readonly weightName: string;
}

/** The applications of a graph that are made of kernels, in its order. */
export function kernelLayers(graph: ParticleGraph): KernelLayer[] {
  return graph.nodes.flatMap(({ id, module, particle, inputs }) => {
    const { kernels } = particle;
    const weightName = kernels && inputs[kernels.ports[0] as string];
    const weight = weightName === undefined ? undefined : graph.tensors.get(weightName);
    if (!kernels || !weight) return [];
    return [{ id, module, kind: kernels.kind, givesMaps: givesMaps(kernels), weight, weightName: weightName! }];
  });
}

/** Whether the axis of the kernels is followed by others. */
export function givesMaps({ axis }: Pick<AnySplit, "axis">): boolean {
  return axis !== -1;
}

/** The kernels of one node, and the node that joins them. Adds their pieces of the parameters to `tensors`. */
function split(node: GraphNode, shapes: ReadonlyMap<string, Shape>, tensors: Map<string, Tensor>): GraphNode[] {
  const rule: AnySplit = node.particle.kernels!;
  const { id, inputs, attributes, shape } = node;
  const axis = rule.axis < 0 ? shape.length + rule.axis : rule.axis;
  const at = Object.fromEntries(Object.entries(inputs).map(([port, source]) => [port, shapes.get(source)!]));
  const made: GraphNode[] = [];
  const joined: Record<string, string> = {};
  for (let index = 0; index < shape[axis]!; index++) {
    const kernelId = `${id}/${rule.kind}${index}`;
    const sources: Record<string, string> = { ...inputs };
    for (const port of rule.ports as string[]) {
      if (inputs[port] !== undefined) sources[port] = pieceOf(inputs[port], index, tensors);
    }
    const view = rule.view?.(index, at, attributes);
    if (view) {
      const port = view.port as string;
      const viewId = `${kernelId}/${port}`;
      made.push(viewNode(node, viewId, inputs[port]!, at[port]!, view));
      sources[port] = viewId;
    }
    const kernelShape = shape.map((size, other) => (other === axis ? 1 : size));
    const own = rule.attributes ? rule.attributes(attributes) : attributes;
    made.push({ ...node, id: kernelId, inputs: sources, shape: kernelShape, attributes: own });
    joined[`input${index}`] = kernelId;
  }
  return [...made, { ...node, particle: concatParticle, attributes: { axis }, inputs: joined }];
}

/** The node that cuts out the part of its input that one kernel sees. */
function viewNode(
  node: GraphNode,
  id: string,
  source: string,
  shape: Shape,
  { axis, start, end }: { axis: number; start: number; end: number },
): GraphNode {
  const along = axis < 0 ? shape.length + axis : axis;
  return {
    ...node,
    id,
    particle: sliceParticle,
    attributes: { ranges: shape.map((_, other) => (other === along ? [start, end] : null)) },
    inputs: { input: source },
    shape: shape.map((size, other) => (other === along ? end - start : size)),
  };
}

/**
 * One entry of a parameter along its first axis, as a parameter of its own; the name under which it is in `tensors`.
 */
function pieceOf(source: string, index: number, tensors: Map<string, Tensor>): string {
  const name = `${source}[${index}]`;
  if (tensors.has(name)) return name;
  const whole = tensors.get(source)!;
  // Copied here and not by slice: there may be hundreds of pieces, and each costs less than an application.
  const piece = empty([1, ...whole.shape.slice(1)], { dtype: whole.dtype });
  piece.data.set(whole.data.subarray(index * piece.size, (index + 1) * piece.size));
  piece.label = name;
  piece.requiresGrad = whole.requiresGrad;
  tensors.set(name, piece);
  return name;
}
