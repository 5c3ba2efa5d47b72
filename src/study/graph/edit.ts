/** Changes a graph: each function returns a new one and leaves the old as it was. */
import type { AnyParticle } from "../../core/particle.ts";
import { shapesFor } from "../../core/plans.ts";
import { type Shape, sameShape, show } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { GraphError, ShapeError } from "../../errors.ts";
import { copyOf } from "./copyOf.ts";
import type { GraphNode, ParticleGraph } from "./graph.ts";
import { valueName } from "./graphValues.ts";

/**
 * Puts another particle in the place of a node: tanh for relu. It takes the node's values by the names of its own
 * ports, so both need the same ports.
 *
 * @throws ShapeError from the particle, or where what comes after cannot take the new shape.
 */
export function replace(graph: ParticleGraph, id: string, particle: AnyParticle, attributes?: unknown): ParticleGraph {
  const old = graph.node(id);
  const renamed: GraphNode = { ...old, id: freshId(graph, particle.name), particle, attributes };
  const nodes = graph.nodes.map((node) => (node === old ? renamed : redirected(node, id, renamed.id)));
  return reshaped(graph.with({ nodes, outputs: graph.outputs.map((name) => (name === id ? renamed.id : name)) }));
}

/**
 * Lets the value of a node (or an input) pass through one more particle before anything else reads it. The particle
 * takes it through its first port, `input` unless said otherwise.
 */
export function insertAfter(
  graph: ParticleGraph,
  id: string,
  particle: AnyParticle,
  { attributes, port = "input" }: { readonly attributes?: unknown; readonly port?: string } = {},
): ParticleGraph {
  const index = graph.nodes.findIndex((node) => node.id === id);
  if (index < 0 && !graph.inputs.some(({ name }) => name === id)) graph.node(id);
  const freshly = freshId(graph, particle.name);
  const source = graph.nodes[index] ?? graph.inputs.find(({ name }) => name === id)!;
  const inserted: GraphNode = {
    id: freshly,
    particle,
    attributes,
    module: "",
    inputs: { [port]: id },
    shape: source.shape,
    dtype: source.dtype,
    layer: freshly,
  };
  const nodes = [
    ...graph.nodes.slice(0, index + 1),
    inserted,
    ...graph.nodes.slice(index + 1).map((node) => redirected(node, id, freshly)),
  ];
  return reshaped(graph.with({ nodes, outputs: graph.outputs.map((name) => (name === id ? freshly : name)) }));
}

/** Takes a node out: what read it reads instead what flowed into its port `input`. */
export function remove(graph: ParticleGraph, id: string, port = "input"): ParticleGraph {
  const node = graph.node(id);
  const source = node.inputs[port];
  if (source === undefined) {
    throw new GraphError(`remove: ${id} has no port "${port}"; it has ${Object.keys(node.inputs).join(", ")}`);
  }
  const nodes = graph.nodes.filter((other) => other !== node).map((other) => redirected(other, id, source));
  return reshaped(graph.with({ nodes, outputs: graph.outputs.map((name) => (name === id ? source : name)) }));
}

/**
 * Silences one kernel of a node, a filter or a neuron: its parameters become zero, in a copy that only the new graph
 * uses.
 *
 * @throws GraphError where the particle has no kernels or the index is out of range.
 */
export function removeKernel(graph: ParticleGraph, id: string, index: number): ParticleGraph {
  return writeKernel(graph, id, index, (target) => void target.fill(0));
}

/**
 * Copies one kernel of a node of another graph (or of this one) into the place of one of this graph's: a filter of one
 * model transplanted into another.
 *
 * @throws ShapeError where the two kernels have different shapes.
 */
export function transplant(
  graph: ParticleGraph,
  id: string,
  index: number,
  from: { readonly graph: ParticleGraph; readonly id: string; readonly index: number },
): ParticleGraph {
  const donor = from.graph.node(from.id);
  checkKernel(from.graph, from.id, from.index);
  return writeKernel(graph, id, index, (target, port, shape) => {
    const source = from.graph.tensors.get(donor.inputs[port] ?? "");
    if (!source) throw new GraphError(`transplant: ${from.id} has no parameter at port "${port}"`);
    if (!sameShape(source.shape.slice(1), shape.slice(1))) {
      throw new ShapeError(
        `transplant: a kernel of ${show(source.shape.slice(1))} does not fit one of ${show(shape.slice(1))} (${from.id} ${show(source.shape)}, ${id} ${show(shape)})`,
      );
    }
    const size = target.length;
    target.set(source.data.subarray(from.index * size, (from.index + 1) * size));
  });
}

/** A graph in which the piece of each parameter that belongs to one kernel was written anew. */
function writeKernel(
  graph: ParticleGraph,
  id: string,
  index: number,
  write: (target: Float32Array, port: string, shape: Shape) => void,
): ParticleGraph {
  const node = graph.node(id);
  checkKernel(graph, id, index);
  const tensors = new Map(graph.tensors);
  const inputs: Record<string, string> = { ...node.inputs };
  for (const port of node.particle.kernels!.ports as string[]) {
    const name = inputs[port];
    if (name === undefined) continue;
    const parameter = graph.tensors.get(name)!;
    const copy = copyOf(parameter);
    copy.requiresGrad = parameter.requiresGrad;
    const size = copy.size / copy.shape[0]!;
    write(copy.data.subarray(index * size, (index + 1) * size) as Float32Array, port, copy.shape);
    const own = freshName(tensors, name);
    tensors.set(own, copy);
    inputs[port] = own;
  }
  return graph.with({ nodes: graph.nodes.map((other) => (other === node ? { ...node, inputs } : other)), tensors });
}

function checkKernel(graph: ParticleGraph, id: string, index: number): void {
  const { particle, inputs } = graph.node(id);
  const port = particle.kernels?.ports[0] as string | undefined;
  const weight = port === undefined ? undefined : graph.tensors.get(inputs[port] ?? "");
  if (!weight)
    throw new GraphError(`graph: ${id} is not made of kernels; choose a convolution or a linear layer with parameters`);
  const count = weight.shape[0]!;
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new GraphError(`graph: ${id} has ${count} kernels, 0 to ${count - 1}, and none numbered ${index}`);
  }
}

/** The graph with every node's shape worked out again. */
export function reshaped(graph: ParticleGraph): ParticleGraph {
  const shapes = new Map<string, Shape>();
  for (const { name, shape } of graph.inputs) shapes.set(name, shape);
  for (const [name, tensor] of graph.tensors) shapes.set(name, tensor.shape);
  const nodes = graph.nodes.map((node) => {
    const at = Object.fromEntries(Object.entries(node.inputs).map(([port, source]) => [port, shapes.get(source)!]));
    const made = Object.entries(shapesFor(node.particle, at, node.attributes));
    for (const [output, shape] of made) shapes.set(valueName(node, output), shape);
    const { outputs } = node;
    const several = outputs && made.map(([output, shape]) => [output, { ...outputs[output]!, shape }]);
    return { ...node, shape: made[0]![1], ...(several && { outputs: Object.fromEntries(several) }) };
  });
  return graph.with({ nodes });
}

function redirected(node: GraphNode, from: string, to: string): GraphNode {
  if (!Object.values(node.inputs).includes(from)) return node;
  const inputs = Object.entries(node.inputs).map(([port, source]) => [port, source === from ? to : source]);
  return { ...node, inputs: Object.fromEntries(inputs) };
}

/** An id that no node has: one past the highest number of this particle. */
function freshId(graph: ParticleGraph, name: string): string {
  const taken = new Set(graph.nodes.map(({ id }) => id));
  let number = 1;
  while (taken.has(`${name}#${number}`)) number++;
  return `${name}#${number}`;
}

function freshName(tensors: ReadonlyMap<string, Tensor>, name: string): string {
  let fresh = `${name}*`;
  while (tensors.has(fresh)) fresh += "*";
  return fresh;
}
