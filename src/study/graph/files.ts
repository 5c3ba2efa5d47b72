/** A graph as two files: what the particles are, and the numbers they hold. */
import { sha256 } from "@noble/hashes/sha2";
import { bytesToHex } from "@noble/hashes/utils";
import { tensor } from "../../core/creation.ts";
import { bytesOf } from "../../core/dtype.ts";
import type { AnyParticle } from "../../core/particle.ts";
import { sameShape, show } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { DataError, GraphError } from "../../errors.ts";
import { decodePlain, encodePlain, isRecord } from "../../io/plainValue.ts";
import { readSafetensors, writeSafetensors } from "../../io/safetensors.ts";
import { tensorSha256 } from "../../io/weightsSha256.ts";
import { particles as library } from "../../particles/list.ts";
import { reshaped } from "./edit.ts";
import { type GraphInput, type GraphNode, ParticleGraph } from "./graph.ts";

export const graphFile = "graph.json";
/** Of old, and where graph.json names no other. */
const tensorsFile = "tensors.safetensors";
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
  /** The file with the numbers. It has a name of its own, so that writing a new one leaves the old graph whole. */
  readonly tensorsFile?: string;
  readonly tensors: Readonly<Record<string, { readonly requiresGrad: boolean; readonly sha256: string }>>;
  readonly nodes: readonly (Omit<GraphNode, "particle"> & { readonly particle: string; readonly sha256: string })[];
}

/**
 * `graph.json` and the safetensors file that it names, `tensors-<hash>.safetensors`, of a graph, as bytes by name. Each
 * particle carries a content hash over its name, its attributes and the numbers of its parameters: two particles with
 * one hash compute the same function.
 *
 * @throws GraphError for attributes that are more than numbers, texts, truth values, lists and records of them.
 */
export function graphToFiles(graph: ParticleGraph): Map<string, Uint8Array> {
  const numbers = writeSafetensors(graph.tensors);
  const file = `tensors-${bytesToHex(sha256(numbers)).slice(0, 16)}.safetensors`;
  const description: Description = {
    format,
    version,
    tensorsFile: file,
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
    [file, numbers],
  ]);
}

/**
 * The graph that `graphToFiles` wrote, with new tensors. Every hash and every shape is checked.
 *
 * @throws DataError where a file is missing, damaged or changed, or names a particle that is neither in the library nor
 * among `particles`.
 */
export function graphFromFiles(
  files: ReadonlyMap<string, Uint8Array>,
  { particles = [] }: GraphFilesOptions = {},
): ParticleGraph {
  const description = parsed(fileOf(files, graphFile));
  const known = new Map([...library, ...particles].map((particle) => [particle.name, particle]));
  const file = description.tensorsFile ?? tensorsFile;
  const { tensors: arrays } = readSafetensors(fileOf(files, file));
  const tensors = new Map<string, Tensor>();
  try {
    for (const [name, { requiresGrad, sha256: wanted }] of Object.entries(description.tensors)) {
      const array = arrays.get(name);
      if (!array) throw fault(`${file} has no tensor "${name}", which ${graphFile} names`);
      if (requiresGrad && array.dtype !== "float32")
        throw fault(`"${name}" is ${array.dtype} and cannot have a gradient`);
      const made = tensor(array.data, { shape: array.shape, dtype: array.dtype, requiresGrad });
      made.label = name;
      tensors.set(name, made);
      if (tensorSha256(made) !== wanted) {
        throw fault(`the numbers of "${name}" are not those that were written; the files do not match`);
      }
    }
    const nodes = description.nodes.map((node) => nodeOf(node, known, tensors));
    return checked(description, nodes, tensors);
  } catch (error) {
    for (const made of tensors.values()) made.dispose();
    throw error;
  }
}

function nodeOf(
  node: Description["nodes"][number],
  known: ReadonlyMap<string, AnyParticle>,
  tensors: ReadonlyMap<string, Tensor>,
): GraphNode {
  const { id, particle: name, module, inputs, shape, dtype, layer, outputs, fused, sha256: wanted } = node;
  const particle = known.get(name);
  if (!particle) throw fault(`no particle is named "${name}" (${id}); give your own by the option particles`);
  const attributes = decoded(node.attributes, id);
  const stands = { id, particle, attributes, module, inputs, shape, dtype, layer };
  const made = { ...stands, ...(outputs && { outputs }), ...(fused !== undefined && { fused }) };
  if (contentSha256(made, tensors) !== wanted) {
    throw fault(`the hash of ${id} is not that of its content; ${graphFile} was changed`);
  }
  return made;
}

/** The name of the file of tensors that the bytes of a graph.json name. Throws a DataError where they are none. */
export function tensorsFileOf(graph: Uint8Array): string {
  return parsed(graph).tensorsFile ?? tensorsFile;
}

/** Whether a file of a graph's folder has such a name. */
export function isTensorsFile(name: string): boolean {
  return /^tensors(-[0-9a-f]{16})?\.safetensors$/.test(name);
}

/**
 * The SHA-256 of what a particle computes, in hexadecimal: of its name, its attributes and the tensors at its ports.
 * Where it stands and what flows in make no difference.
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
      throw fault(`${id} is said to give ${show(written)} but gives ${show(shape)}`);
    }
    return graph;
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw fault(`${graphFile} does not describe a graph that can run: ${(error as Error).message}`);
  }
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = files.get(name);
  if (!bytes) throw fault(`the file ${name} is missing; a graph is ${graphFile} and the file of tensors that it names`);
  return bytes;
}

function parsed(bytes: Uint8Array): Description {
  let description: Partial<Description>;
  try {
    description = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Partial<Description>;
  } catch (error) {
    throw fault(`${graphFile} is not JSON: ${(error as Error).message}`);
  }
  if (description?.format !== format || description.version !== version) {
    throw fault(`${graphFile} is not of format "${format}" in version ${version}`);
  }
  const { granularity, tensorsFile: file, inputs, outputs, nodes, tensors } = description as Record<string, unknown>;
  const whole =
    ["layer", "op", "kernel"].includes(granularity as string) &&
    (file === undefined || (isText(file) && isTensorsFile(file))) &&
    isListOf(inputs, (input) => isText(input.name) && isValue(input)) &&
    Array.isArray(outputs) &&
    outputs.every(isText) &&
    isListOf(nodes, isNode) &&
    isRecord(tensors) &&
    Object.values(tensors).every((one) => isRecord(one) && typeof one.requiresGrad === "boolean" && isText(one.sha256));
  if (!whole) throw fault(`${graphFile} lacks parts of its inputs, outputs, nodes or tensors`);
  return description as Description;
}

function isNode(node: Readonly<Record<string, unknown>>): boolean {
  const texts = [node.id, node.particle, node.module, node.layer, node.sha256];
  const { outputs, fused } = node;
  const several = outputs === undefined || (isRecord(outputs) && Object.values(outputs).every(isOutput));
  if (!several || !(fused === undefined || isText(fused))) return false;
  return texts.every(isText) && isValue(node) && isRecord(node.inputs) && Object.values(node.inputs).every(isText);
}

const isOutput = (output: unknown) => isRecord(output) && isValue(output);

/** Whether it has the shape and the dtype of a value. */
function isValue({ shape, dtype }: Readonly<Record<string, unknown>>): boolean {
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  return Array.isArray(shape) && shape.every(isSize) && isText(dtype) && Object.hasOwn(bytesOf, dtype);
}

function isListOf(value: unknown, test: (item: Readonly<Record<string, unknown>>) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isRecord(item) && test(item));
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function encoded(attributes: unknown, id: string): unknown {
  return encodePlain(attributes, () => {
    throw new GraphError(`graph: an attribute of ${id} cannot be written; use numbers, texts, truth values and lists`);
  });
}

function decoded(attributes: unknown, id: string): unknown {
  return decodePlain(attributes, (problem) => {
    throw fault(`an attribute of ${id} is ${problem}`);
  });
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

function fault(problem: string): DataError {
  return new DataError(`graph: ${problem}`, { format: "graph" });
}
