/** Mutates valid files and reads them: a parser gives a value or throws a DataError, whatever it is handed. */
import { zipSync } from "fflate";
import { zeros } from "../../src/core/creation.ts";
import { parseIdx } from "../../src/data/idx.ts";
import { DataError } from "../../src/errors.ts";
import { readCheckpoint } from "../../src/io/checkpoint.ts";
import { readNpy, writeNpy } from "../../src/io/npy.ts";
import { readNpz, writeNpz } from "../../src/io/npz.ts";
import { type NamedArray, readSafetensors, writeSafetensors } from "../../src/io/safetensors.ts";
import { readTorch } from "../../src/io/torch.ts";
import { readWeights } from "../../src/io/weights.ts";
import { Linear, ReLU, Sequential } from "../../src/nn/index.ts";
import { decompose } from "../../src/study/graph/decompose.ts";
import { graphFile, graphFromFiles, graphToFiles } from "../../src/study/graph/files.ts";
import { foreignFiles } from "./foreignFiles.ts";
import { randomIn } from "./values.ts";

export interface Fuzzed {
  readonly format: string;
  readonly seeds: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => unknown;
  /** Pieces of the format, which random bytes would not make. */
  readonly words: readonly string[];
  /** Of the count that is asked for; less for what is slow to read. */
  readonly share?: number;
}

const f32 = (shape: number[], ...data: number[]): NamedArray => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(data),
});
const small = new Map<string, NamedArray>([
  ["a.weight", f32([2, 2], 1, 2, 3, Number.NaN)],
  ["n", { dtype: "int32", shape: [], data: Int32Array.of(-1) }],
  ["m", { dtype: "uint8", shape: [3], data: Uint8Array.of(1, 0, 255) }],
]);
const lossy = { allow: ["rounding", "range"] } as const;
const numbers = ["0", "1", "9".repeat(17), "-1", "1e9", "4294967296"];

function recorded(format: string, pattern = /./): Uint8Array[] {
  return foreignFiles.filter((file) => file.format === format && pattern.test(file.title)).map((file) => file.bytes);
}

const npz = [writeNpz(small), zipSync({ "a.npy": writeNpy(f32([2, 2], 1, 2, 3, 4)) }, { level: 6 })];

export const fuzzed: readonly Fuzzed[] = [
  {
    format: "safetensors",
    seeds: [writeSafetensors(small, new Map([["k", "v"]])), ...recorded("safetensors")],
    read: (bytes) => readSafetensors(bytes, lossy),
    words: [...numbers, '"', "{", "}", "[", "]", ",", ":", '"shape":', '"U8"', '"F64"', "\\u0000"],
  },
  {
    format: "npy",
    seeds: recorded("npy"),
    read: (bytes) => readNpy(bytes, lossy),
    words: [...numbers, "'descr': ", "'<f8'", "'|O'", "True", "False", "(", ")", "{", "}", ",", "L"],
  },
  {
    format: "npz",
    seeds: [...npz, ...recorded("npz", /^npz/)],
    read: (bytes) => readNpz(bytes, lossy),
    words: ["PK\x01\x02", "PK\x03\x04", "PK\x05\x06", ".npy", "../"],
  },
  {
    format: "pt",
    seeds: recorded("pt", /pickle protocol [45]$|views|checkpoint$|parameters/),
    read: (bytes) => readTorch(bytes, lossy),
    words: [
      "(",
      ")",
      "}",
      "]",
      ".",
      "R",
      "b",
      "u",
      "e",
      "s",
      "a",
      "h\x00",
      "q\x00",
      "Q",
      "cos\nsystem\n",
      "K\x05",
      "\x93",
      "\x85",
    ],
  },
  {
    format: "weights of any format",
    seeds: [writeSafetensors(small), npz[0]!, writeNpy(f32([1], 1)), ...recorded("pt", /bfloat/)],
    read: (bytes) => readWeights(bytes, lossy),
    words: ["PK", "{", "\x93NUMPY", "\x80"],
  },
  {
    format: "idx",
    seeds: [
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4),
      Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9),
    ],
    read: parseIdx,
    words: ["\0\0\0\x01", "\xff\xff\xff\xff", "\0\0\x08\x02"],
  },
];

/** A graph and a checkpoint, which need a model. They belong to the scope around the call. */
export function fuzzedOfModels(): Fuzzed[] {
  const model = new Sequential(new Linear(2, 3), new ReLU(), new Linear(3, 1));
  const files = graphToFiles(decompose(model, zeros([1, 2])));
  model.dispose();
  const json = ['"', "{", "}", "[", "]", ",", ":", "null", "true", ...numbers, '"relu"', '"attributes":', '{"$":"-0"}'];
  const tensors = new Map<string, NamedArray>([["model.weight", f32([2], 1, 2)]]);
  const content = {
    format: "quarkgrad-checkpoint",
    formatVersion: 1,
    version: "1.0.0",
    kernels: "0",
    step: 5,
    parts: {
      model: { weight: { $: "tensor", name: "model.weight" } },
      generator: { state: { $: "Float64Array", name: "model.weight" } },
    },
    progress: { epoch: 1, odd: [{ $: "NaN" }, { $: "12n" }, null] },
  };
  const checkpoint = writeSafetensors(tensors, new Map([["quarkgrad.checkpoint", JSON.stringify(content)]]));
  return [
    {
      format: "graph",
      seeds: [files.get(graphFile)!],
      read: (bytes) => {
        const graph = graphFromFiles(new Map(files).set(graphFile, bytes));
        for (const one of graph.tensors.values()) one.dispose();
      },
      words: json,
      share: 0.1,
    },
    { format: "checkpoint", seeds: [checkpoint], read: (bytes) => readCheckpoint(bytes, 5), words: json },
  ];
}

/** A change of one to three places of a file. */
export function mutated(seed: Uint8Array, words: readonly string[], random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  let bytes = seed.slice();
  for (let count = 1 + below(3); count > 0; count--) {
    const at = below(bytes.length + 1);
    const kind = below(6);
    if (kind === 0) bytes[at] = below(256);
    else if (kind === 1) bytes[at]! ^= 1 << below(8);
    else if (kind === 2) bytes = joined(bytes.subarray(0, at), bytes.subarray(at + 1 + below(8)));
    else if (kind === 3)
      bytes = joined(bytes.subarray(0, at), textBytes(words[below(words.length)]!), bytes.subarray(at));
    else if (kind === 4) bytes = joined(bytes.subarray(0, at), seed.subarray(below(seed.length)));
    else if (at + 4 <= bytes.length) {
      const extremes = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, bytes.length, bytes.length - at];
      new DataView(bytes.buffer).setUint32(at, extremes[below(extremes.length)]!, true);
    }
  }
  return bytes;
}

function textBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Whether the bytes were accepted. Anything but a DataError is thrown, with what is needed to see it again. */
export function survives(target: Fuzzed, bytes: Uint8Array, where: string): boolean {
  const started = performance.now();
  const accepted = accepts(target, bytes, where);
  const took = performance.now() - started;
  if (took < 2000) return accepted;
  throw new Error(`${target.format}, ${where}: took ${took.toFixed(0)} ms for ${bytes.length} bytes`);
}

function accepts({ format, read }: Fuzzed, bytes: Uint8Array, where: string): boolean {
  try {
    read(bytes);
    return true;
  } catch (error) {
    if (error instanceof DataError) return false;
    const file = Buffer.from(bytes).toString("base64");
    throw new Error(`${format}, ${where}: ${(error as Error).stack}\nfile (base64): ${file}`);
  }
}

/** Reads `count` mutations and returns how many were accepted. */
export function fuzz(target: Fuzzed, count: number, seed: number): number {
  const random = randomIn(seed);
  let accepted = 0;
  for (let turn = 0; turn < count * (target.share ?? 1); turn++) {
    const file = target.seeds[turn % target.seeds.length]!;
    if (survives(target, mutated(file, target.words, random), `seed ${seed}, turn ${turn}`)) accepted++;
  }
  return accepted;
}
