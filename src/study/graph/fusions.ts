/** Which nodes of a graph ran as one, and as what. */
import type { AnyParticle, Fusion } from "../../core/particle.ts";
import type { GraphNode } from "./graphParts.ts";

/** A fused particle that stands for several nodes: it takes what flows into the first. */
export interface Fused {
  readonly nodes: readonly GraphNode[];
  readonly particle: AnyParticle;
  readonly attributes: unknown;
}

/** The nodes in runs: those that ran as one, where all of them are there, and each other one alone. */
export function asRun(nodes: readonly GraphNode[]): Fused[] {
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const name = node.fused ?? node.id;
    groups.set(name, [...(groups.get(name) ?? []), node]);
  }
  return [...groups.values()].flatMap((group) => {
    const fused = group.length > 1 ? fusedFrom(group) : undefined;
    return fused ? [fused] : group.map(alone);
  });
}

const alone = (node: GraphNode): Fused => ({ nodes: [node], particle: node.particle, attributes: node.attributes });

/** What the last of these nodes becomes behind the others. */
function fusedFrom(nodes: readonly GraphNode[]): Fused | undefined {
  let { particle, attributes } = nodes.at(-1)!;
  for (const before of nodes.slice(0, -1).reverse()) {
    // biome-ignore lint/suspicious/noExplicitAny: the rule of a particle that is not known
    const rules = (particle.fused ?? []) as readonly Fusion<any, any>[];
    const rule = rules.find((one) => one.with === before.particle);
    if (!rule) return undefined;
    attributes = rule.attributes ? rule.attributes(before.attributes, attributes) : attributes;
    particle = rule.as;
  }
  return { nodes, particle, attributes };
}
