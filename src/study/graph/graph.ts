/** A model taken apart: the applications of its particles, and what flows between them. */
import { applied } from "../../core/apply.ts";
import { scope } from "../../core/scope.ts";
import { sameShape, show } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { GraphError, ShapeError } from "../../errors.ts";
import type { Granularity, GraphInput, GraphNode, GraphParts } from "./graphParts.ts";
import { madeBy, valueName } from "./graphValues.ts";
import { toDot, toMermaid } from "./pictures.ts";

export type { Granularity, GraphInput, GraphNode, GraphParts };

/**
 * The particles of a model and the values between them, in the order in which they were applied. It can be run on its
 * own; gradients flow through it to its tensors, so it can be trained further.
 */
export class ParticleGraph implements GraphParts {
  readonly granularity: Granularity;
  readonly inputs: readonly GraphInput[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly string[];
  readonly tensors: ReadonlyMap<string, Tensor>;

  /** @throws GraphError where a node uses a value that nothing before it makes, or two nodes have one id. */
  constructor({ granularity, inputs, nodes, outputs, tensors }: GraphParts) {
    this.granularity = granularity;
    this.inputs = inputs;
    this.nodes = nodes;
    this.outputs = outputs;
    this.tensors = tensors;
    const known = new Set([...inputs.map(({ name }) => name), ...tensors.keys()]);
    for (const node of nodes) {
      const { id, inputs: sources } = node;
      for (const [port, source] of Object.entries(sources)) {
        if (!known.has(source))
          throw new GraphError(`graph: ${id} takes ${port} from "${source}", which nothing before it makes`);
      }
      if (known.has(id)) throw new GraphError(`graph: two values are named "${id}"; give each node an id of its own`);
      known.add(id);
      for (const { name } of madeBy(node)) known.add(name);
    }
    for (const output of outputs)
      if (!known.has(output)) throw new GraphError(`graph: nothing makes the output "${output}"`);
  }

  /** The node with this id, or a GraphError that lists the ids there are. */
  node(id: string): GraphNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found) return found;
    throw new GraphError(
      `graph: no particle is named "${id}"; there are ${this.nodes.map((node) => node.id).join(", ")}`,
    );
  }

  /** The tensors that require a gradient, with their names. */
  *namedParameters(): IterableIterator<[string, Tensor]> {
    for (const [name, tensor] of this.tensors) if (tensor.requiresGrad) yield [name, tensor];
  }

  *parameters(): IterableIterator<Tensor> {
    for (const [, tensor] of this.namedParameters()) yield tensor;
  }

  /** The nodes that take the value of this name. */
  readersOf(name: string): GraphNode[] {
    return this.nodes.filter(({ inputs }) => Object.values(inputs).includes(name));
  }

  /**
   * Applies every particle in order and returns the output, or the outputs where there are several. `watch` sees each
   * value as it is made, with its name; the values in between end with the call. A sample's batch may be of any size.
   *
   * @throws ShapeError where the number or the rank of the inputs is not the graph's.
   */
  run(
    inputs: Tensor | readonly Tensor[],
    watch?: (node: GraphNode, value: Tensor, name: string) => void,
  ): Tensor | Tensor[] {
    const outputs = this.runAll(inputs, watch);
    return outputs.length === 1 ? outputs[0]! : outputs;
  }

  /** As `run`, and always an array. `within` runs the nodes of one layer, and is told the path of its module. */
  runAll(
    inputs: Tensor | readonly Tensor[],
    watch?: (node: GraphNode, value: Tensor, name: string) => void,
    within: (module: string, body: () => void) => void = (_module, body) => body(),
  ): Tensor[] {
    const given = Array.isArray(inputs) ? (inputs as readonly Tensor[]) : [inputs as Tensor];
    this.#checkInputs(given);
    return scope(() => {
      const values = new Map<string, Tensor>(this.tensors);
      for (const [index, { name }] of this.inputs.entries()) values.set(name, given[index]!);
      const run = (node: GraphNode) => {
        const made = applyNode(node, (name) => values.get(name)!);
        for (const [name, value] of made) values.set(name, value);
        for (const [name, value] of made) watch?.(node, value, name);
      };
      for (const layer of layersOf(this.nodes)) within(layer[0]!.module, () => layer.forEach(run));
      return this.outputs.map((name) => values.get(name)!);
    }, "graph run");
  }

  /** As a Mermaid flowchart. */
  toMermaid(): string {
    return toMermaid(this);
  }

  /** As a Graphviz digraph. */
  toDot(): string {
    return toDot(this);
  }

  /** A graph with some parts exchanged. */
  with(parts: Partial<GraphParts>): ParticleGraph {
    return new ParticleGraph({ ...this, ...parts });
  }

  #checkInputs(given: readonly Tensor[]): void {
    if (given.length !== this.inputs.length) {
      throw new ShapeError(`graph: ${given.length} inputs were given but the model takes ${this.inputs.length}`);
    }
    this.inputs.forEach(({ name, shape }, index) => {
      // The batch may be of any size.
      const got = given[index]!.shape;
      if (got.length !== shape.length || !sameShape(got.slice(1), shape.slice(1))) {
        throw new ShapeError(`graph: ${name} must be like ${show(shape)} in all but the first size, got ${show(got)}`);
      }
    });
  }
}

/** The nodes that stand together in one layer, in order. */
function layersOf(nodes: readonly GraphNode[]): GraphNode[][] {
  const layers: GraphNode[][] = [];
  for (const node of nodes) {
    const last = layers.at(-1);
    if (last && last[0]!.layer === node.layer) last.push(node);
    else layers.push([node]);
  }
  return layers;
}

/** Applies the particle of a node to the values of its ports; what it makes, by the names of the values. */
export function applyNode(node: GraphNode, lookUp: (name: string) => Tensor): Map<string, Tensor> {
  const operands: Record<string, Tensor> = {};
  for (const [port, source] of Object.entries(node.inputs)) operands[port] = lookUp(source);
  const outputs = Object.entries(applied(node.particle, operands, node.attributes));
  return new Map(outputs.map(([output, value]) => [valueName(node, output), value]));
}
