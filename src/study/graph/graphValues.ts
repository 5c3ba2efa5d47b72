/** The values between the nodes of a graph: a node of one output gives its id to it, one of several a name to each. */
import type { DType } from "../../core/dtype.ts";
import type { Shape } from "../../core/shape.ts";
import type { GraphNode } from "./graphParts.ts";

/** The name of the value that a node's output has in the graph: `relu#1`, `max#1.values`. */
export function valueName({ id, particle }: Pick<GraphNode, "id" | "particle">, output: string): string {
  return particle.outputs ? `${id}.${output}` : id;
}

/** The values that a node makes: one that bears its id, or several. */
export function madeBy(node: GraphNode): { readonly name: string; readonly shape: Shape; readonly dtype: DType }[] {
  const { id, shape, dtype, outputs } = node;
  if (!outputs) return [{ name: id, shape, dtype }];
  return Object.entries(outputs).map(([output, made]) => ({ name: valueName(node, output), ...made }));
}
