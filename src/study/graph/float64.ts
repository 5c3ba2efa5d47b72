/** Runs a graph by the definitions of its particles. */
import { definedBy } from "../../core/defined.ts";
import type { Values } from "../../core/particle.ts";
import { shapesFor } from "../../core/plans.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ShapeError } from "../../errors.ts";
import type { ParticleGraph } from "./graph.ts";
import { valueName } from "./graphValues.ts";

/**
 * The outputs of a graph for the first sample of its inputs (for all samples where it takes no other batch), computed
 * in float64 by naive loops: what the kernels would give if they did not round. Two graphs that compute the same
 * function agree here to about 1e-14, whatever order their kernels sum in.
 */
export function firstInFloat64(graph: ParticleGraph, inputs: readonly Tensor[]): Values[] {
  try {
    return inFloat64(graph, inputs.map(firstOf));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return inFloat64(graph, inputs);
  }
}

function inFloat64(graph: ParticleGraph, inputs: readonly Values[]): Values[] {
  const values = new Map<string, Values>();
  for (const [name, { shape, data }] of graph.tensors) values.set(name, { shape, data });
  for (const [index, { name }] of graph.inputs.entries()) values.set(name, inputs[index]!);
  for (const { id, particle, attributes, inputs: sources } of graph.nodes) {
    const at: Record<string, Values> = {};
    const shapes: Record<string, Shape> = {};
    for (const [port, source] of Object.entries(sources)) {
      at[port] = values.get(source)!;
      shapes[port] = at[port].shape;
    }
    const made = shapesFor(particle, shapes, attributes);
    for (const [output, data] of Object.entries(definedBy(particle, at, attributes))) {
      values.set(valueName({ id, particle }, output), { shape: made[output]!, data });
    }
  }
  return graph.outputs.map((name) => values.get(name)!);
}

function firstOf({ shape, data }: Tensor): Values {
  const [count, ...rest] = shape;
  if (count === undefined || count === 0) return { shape, data };
  return { shape: [1, ...rest], data: data.subarray(0, data.length / count) };
}
