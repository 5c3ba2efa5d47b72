/** Graphs as text that other programs draw: Mermaid and Graphviz. */
import type { Shape } from "../../core/shape.ts";
import type { GraphNode, GraphParts } from "./graphParts.ts";
import { madeBy } from "./graphValues.ts";

/**
 * The graph as a Mermaid flowchart from top to bottom: a box for each particle with its module and the shape it gives,
 * an arrow for each value that flows, parameters left out.
 */
export function toMermaid(graph: GraphParts): string {
  const names = drawnNames(graph);
  const lines = ["flowchart TD"];
  for (const { name, shape } of graph.inputs) lines.push(`  ${names.get(name)}(["${name}<br/>${sizes(shape)}"])`);
  for (const node of graph.nodes) lines.push(`  ${names.get(node.id)}["${titleOf(node)}<br/>${sizes(node.shape)}"]`);
  for (const [from, to] of arrows(graph)) lines.push(`  ${names.get(from)} --> ${names.get(to)}`);
  const makers = makersOf(graph);
  graph.outputs.forEach((output, index) => {
    lines.push(
      `  output${index + 1}(["output#${index + 1}"])`,
      `  ${names.get(makers.get(output) ?? output)} --> output${index + 1}`,
    );
  });
  return `${lines.join("\n")}\n`;
}

/** The same for Graphviz. */
export function toDot(graph: GraphParts): string {
  const lines = ["digraph particles {", "  rankdir=TB;", '  node [shape=box, fontname="sans-serif"];'];
  for (const { name, shape } of graph.inputs)
    lines.push(`  ${quoted(name)} [shape=oval, label=${quoted(`${name}\n${sizes(shape)}`)}];`);
  for (const node of graph.nodes)
    lines.push(`  ${quoted(node.id)} [label=${quoted(`${titleOf(node)}\n${sizes(node.shape)}`)}];`);
  for (const [from, to] of arrows(graph)) lines.push(`  ${quoted(from)} -> ${quoted(to)};`);
  const makers = makersOf(graph);
  graph.outputs.forEach((output, index) => {
    const name = `output#${index + 1}`;
    lines.push(`  ${quoted(name)} [shape=oval];`, `  ${quoted(makers.get(output) ?? output)} -> ${quoted(name)};`);
  });
  return `${[...lines, "}"].join("\n")}\n`;
}

/** From each value that is not a parameter to each node that reads it. */
function* arrows(graph: GraphParts): IterableIterator<[string, string]> {
  const makers = makersOf(graph);
  for (const { id, inputs } of graph.nodes) {
    const flowing = Object.values(inputs).filter((source) => !graph.tensors.has(source));
    for (const from of new Set(flowing.map((source) => makers.get(source) ?? source))) yield [from, id];
  }
}

/** For each value the node that makes it. */
function makersOf(graph: GraphParts): Map<string, string> {
  return new Map(graph.nodes.flatMap((node) => madeBy(node).map(({ name }) => [name, node.id] as const)));
}

function titleOf({ id, module }: GraphNode): string {
  return module === "" ? id : `${id} · ${module}`;
}

function sizes(shape: Shape): string {
  return shape.join("×") || "scalar";
}

/** Mermaid's own names: letters and digits only. */
function drawnNames(graph: GraphParts): Map<string, string> {
  const all = [...graph.inputs.map(({ name }) => name), ...graph.nodes.map(({ id }) => id)];
  return new Map(all.map((name, index) => [name, `n${index}`]));
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
