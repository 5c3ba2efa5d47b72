import * as quarkgrad from "quarkgrad";
import { study } from "quarkgrad";
import type { Particle } from "../op/particles.ts";

/** What is changed in the network, as an address can carry it. */
export interface Edits {
  /** Filters that are off: `conv2d#1/3`. */
  readonly off: readonly string[];
  /** What stands in the place of an activation: another one's name, or "" for nothing. */
  readonly swapped: Readonly<Record<string, string>>;
}

export const none: Edits = { off: [], swapped: {} };

/** The activations that can stand for one another: one input, and the example without attributes. */
export const activations: readonly Particle[] = ["relu", "tanh", "sigmoid", "silu"].flatMap((name) => {
  const particle = (quarkgrad as unknown as Record<string, Particle | undefined>)[`${name}Particle`];
  return particle ? [particle] : [];
});

/** Whether a node is an activation: what takes one input and gives the same shape. */
export function isActivation({ particle }: study.GraphNode): boolean {
  return activations.some(({ name }) => name === particle.name);
}

/** The graph with these changes; the model itself stays as it is. */
export function edited(graph: study.ParticleGraph, { off, swapped }: Edits): study.ParticleGraph {
  let result = graph;
  for (const name of off) {
    const [id, index] = name.split("/");
    result = study.removeKernel(result, id!, Number(index));
  }
  for (const [id, name] of Object.entries(swapped)) {
    const particle = activations.find((activation) => activation.name === name);
    result = particle ? study.replace(result, id, particle) : study.remove(result, id);
  }
  return result;
}

export function editsOf(query: URLSearchParams): Edits {
  const off = (query.get("off") ?? "").split(",").filter((name) => /^conv2d#\d+\/\d+$/.test(name));
  const swapped = (query.get("swap") ?? "").split(",").flatMap((text) => {
    const [, id, name] = /^(\w+#\d+):(\w*)$/.exec(text) ?? [];
    return id === undefined ? [] : [[id, name!]];
  });
  return { off, swapped: Object.fromEntries(swapped) };
}

export function queryOfEdits({ off, swapped }: Edits): Record<string, string | undefined> {
  const pairs = Object.entries(swapped).map(([id, name]) => `${id}:${name}`);
  return { off: off.join(",") || undefined, swap: pairs.join(",") || undefined };
}
