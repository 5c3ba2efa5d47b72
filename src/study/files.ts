/** A graph as two files: what the particles are, and the numbers they hold. */
import { sha256 } from "@noble/hashes/sha2";
import { bytesToHex } from "@noble/hashes/utils";
import { tensor } from "../core/creation.ts";
import type { AnyParticle } from "../core/particle.ts";
import { sameShape, show } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { DataError, GraphError } from "../errors.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import { tensorSha256 } from "../io/weightsSha256.ts";
import { particles as library } from "../particles/list.ts";
import { reshaped } from "./edit.ts";
import { type GraphInput, type GraphNode, ParticleGraph } from "./graph.ts";

export const graphFile = "graph.json";
export const tensorsFile = "tensors.safetensors";
const format = "quarkgrad-graph";
const version = 1;

export interface GraphFilesOptions {
  /** Particles from outside the library that the graph is made of. */
  readonly particles?: readonly AnyParticle[];
}

/** What stands in graph.json. */
interface Description extends Pick<ParticleGraph, "granularity" | "inputs" | "outputs"> {
  readonly format: string;
  readonly version: number;
  readonly tensors: Readonly<Record<string, { readonly requiresGrad: boolean; readonly sha256: string }>>;
  readonly nodes: readonly (Omit<GraphNode, "particle"> & { readonly particle: string; readonly sha256: string })[];
}

/**
 * `graph.json` and `tensors.safetensors` of a graph, as bytes by name. Each particle carries a content hash over its name, its attributes
 * and the numbers of its parameters: two particles with one hash compute the same function.
 *
 * @throws GraphError for attributes that are more than numbers, texts, truth values, lists and records of them.
 */
export function graphToFiles(graph: ParticleGraph): Map<string, Uint8Array> {
  const description: Description = {
    format,
    version,
    granularity: graph.granularity,
    inputs: graph.inputs,
    outputs: graph.outputs,
    tensors: Object.fromEntries(
      [...graph.tensors].map(([name, value]) => [
        name,
        { requiresGrad: value.requiresGrad, sha256: tensorSha256(value) },
      ]),
    ),
    nodes: graph.nodes.map(({ attributes, particle, ...node }) => ({
      ...node,
      particle: particle.name,
      attributes: encoded(attributes, node.id),
      sha256: contentSha256({ ...node, attributes, particle }, graph.tensors),
    })),
  };
  return new Map([
    [graphFile, new TextEncoder().encode(`${JSON.stringify(description, undefined, 1)}\n`)],
    [tensorsFile, writeSafetensors(graph.tensors)],
  ]);
}

/**
 * The graph that `graphToFiles` wrote, with new tensors. Every hash and every shape is checked.
 *
 * @throws DataError where a file is missing, damaged or changed, or names a particle that is neither in the library nor among `particles`.
 */
export function graphFromFiles(
  files: ReadonlyMap<string, Uint8Array>,
  { particles = [] }: GraphFilesOptions = {},
): ParticleGraph {
  const description = parsed(fileOf(files, graphFile));
  const known = new Map([...library, ...particles].map((particle) => [particle.name, particle]));
  const { tensors: arrays } = readSafetensors(fileOf(files, tensorsFile));
  const tensors = new Map<string, Tensor>();
  for (const [name, { requiresGrad, sha256: wanted }] of Object.entries(description.tensors)) {
    const array = arrays.get(name);
    if (!array) throw new DataError(`graph: ${tensorsFile} has no tensor "${name}", which ${graphFile} names`);
    const made = tensor(array.data, { shape: array.shape, dtype: array.dtype, requiresGrad });
    made.label = name;
    tensors.set(name, made);
    if (tensorSha256(made) !== wanted) {
      throw new DataError(`graph: the numbers of "${name}" are not those that were written; the files do not match`);
    }
  }
  const nodes = description.nodes.map(({ sha256: wanted, particle: name, attributes, ...node }): GraphNode => {
    const particle = known.get(name);
    if (!particle) {
      throw new DataError(`graph: no particle is named "${name}" (${node.id}); give your own by the option particles`);
    }
    const made = { ...node, particle, attributes: decoded(attributes) };
    if (contentSha256(made, tensors) !== wanted) {
      throw new DataError(`graph: the hash of ${node.id} is not that of its content; ${graphFile} was changed`);
    }
    return made;
  });
  return checked(description, nodes, tensors);
}

/**
 * The SHA-256 of what a particle computes, in hexadecimal: of its name, its attributes and the tensors at its ports. Where it stands and what
 * flows in make no difference.
 */
export function contentSha256(
  { id, particle, attributes, inputs }: Pick<GraphNode, "id" | "particle" | "attributes" | "inputs">,
  tensors: ReadonlyMap<string, Tensor>,
): string {
  const held = Object.entries(inputs).flatMap(([port, name]) => {
    const value = tensors.get(name);
    return value ? [[port, value.dtype, value.shape, tensorSha256(value)]] : [];
  });
  const content = { particle: particle.name, attributes: encoded(attributes, id), tensors: held };
  return bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(sorted(content)))));
}

function checked(
  { granularity, inputs, outputs }: Description,
  nodes: readonly GraphNode[],
  tensors: ReadonlyMap<string, Tensor>,
): ParticleGraph {
  try {
    const graph = new ParticleGraph({ granularity, inputs: inputs as readonly GraphInput[], outputs, nodes, tensors });
    for (const [index, { id, shape }] of reshaped(graph).nodes.entries()) {
      const written = nodes[index]!.shape;
      if (sameShape(shape, written)) continue;
      throw new DataError(`graph: ${id} is said to give ${show(written)} but gives ${show(shape)}`);
    }
    return graph;
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`graph: ${graphFile} does not describe a graph that can run: ${(error as Error).message}`);
  }
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = files.get(name);
  if (!bytes) throw new DataError(`graph: the file ${name} is missing; a graph is ${graphFile} and ${tensorsFile}`);
  return bytes;
}

function parsed(bytes: Uint8Array): Description {
  let description: Partial<Description>;
  try {
    description = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Partial<Description>;
  } catch (error) {
    throw new DataError(`graph: ${graphFile} is not JSON: ${(error as Error).message}`);
  }
  if (description?.format !== format || description.version !== version) {
    throw new DataError(`graph: ${graphFile} is not of format "${format}" in version ${version}`);
  }
  const { inputs, outputs, nodes, tensors } = description;
  const whole =
    Array.isArray(inputs) &&
    inputs.every(({ name, shape }) => typeof name === "string" && isShape(shape)) &&
    Array.isArray(outputs) &&
    Array.isArray(nodes) &&
    nodes.every((node) => typeof node?.id === "string" && isShape(node.shape) && isRecord(node.inputs)) &&
    isRecord(tensors);
  if (!whole) throw new DataError(`graph: ${graphFile} lacks parts of its inputs, outputs, nodes or tensors`);
  return description as Description;
}

function isShape(value: unknown): boolean {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What JSON has no words for is written as a record with one field that no attribute has. */
const special = "$";
const words = new Map<unknown, string>([
  [undefined, "undefined"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
  [Number.NaN, "NaN"],
]);
const meanings = new Map([...words].map(([value, word]) => [word, value]));

function encoded(value: unknown, id: string): unknown {
  if (Object.is(value, -0)) return { [special]: "-0" };
  if (words.has(value)) return { [special]: words.get(value) };
  if (value === null || ["number", "string", "boolean"].includes(typeof value)) return value;
  if (Array.isArray(value)) return value.map((item) => encoded(item, id));
  if (isRecord(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value)) && !(special in value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encoded(item, id)]));
  }
  throw new GraphError(`graph: an attribute of ${id} cannot be written; use numbers, texts, truth values and lists`);
}

function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded);
  if (!isRecord(value)) return value;
  if (special in value) return value[special] === "-0" ? -0 : meanings.get(String(value[special]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decoded(item)]));
}

/** The same with the fields of every record in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
