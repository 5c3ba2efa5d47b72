/** safetensors files whose tensors are read one at a time, by name: also files that are larger than memory, and models in several files. */
import { DataError } from "../errors.ts";
import { arrayOf, checkedHeader, headerLength, type NamedArray, type SafetensorsOptions } from "./safetensors.ts";
import type { Header } from "./safetensorsHeader.ts";

/** Bytes that need not be in memory. `new Blob(…)` and a browser's `File` will do, too. */
export interface ByteSource {
  readonly size: number;
  /** The bytes from `begin` up to but not including `end`, all of which are there. */
  read(begin: number, end: number): Promise<Uint8Array>;
}

/** A file, or several, of which only the headers were read. */
export interface LazySafetensors {
  /** Shapes and the file's dtype codes by name. */
  readonly tensors: ReadonlyMap<string, { readonly dtype: string; readonly shape: readonly number[] }>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Reads one tensor. A DataError names those there are where none has this name. */
  get(name: string): Promise<NamedArray>;
}

/**
 * Reads the header of a safetensors file and checks all of it; tensors are read when they are asked for.
 *
 * @throws DataError where the header is not exactly right.
 */
export async function openSafetensors(
  file: Blob | ByteSource,
  options: SafetensorsOptions = {},
): Promise<LazySafetensors> {
  const source = "read" in file ? file : sourceOf(file);
  const { size } = source;
  const length = headerLength(size < 8 ? new Uint8Array(8) : await source.read(0, 8), size, options);
  const start = 8 + length;
  const { tensors, metadata }: Header = checkedHeader(await source.read(8, start), size);
  return {
    tensors,
    metadata,
    async get(name) {
      const info = tensors.get(name) ?? missing(name, tensors);
      return arrayOf(name, info, await source.read(start + info.begin, start + info.end), start, options);
    },
  };
}

/**
 * Opens a model in several files by its `model.safetensors.index.json`, whose `weight_map` says which file has which tensor. `open`
 * is called once for each file, with a name that has no folder in it.
 *
 * @throws DataError where the index is damaged, or a file lacks a tensor that it should have.
 */
export async function openShards(
  index: Uint8Array,
  open: (name: string) => Promise<LazySafetensors>,
): Promise<LazySafetensors> {
  const places = placesIn(index);
  const files = new Map<string, LazySafetensors>();
  for (const file of new Set(places.values())) files.set(file, await open(file));
  const tensors = new Map<string, { readonly dtype: string; readonly shape: readonly number[] }>();
  for (const [name, file] of places) {
    const info = files.get(file)!.tensors.get(name);
    if (!info) fail(`${JSON.stringify(file)} has no ${JSON.stringify(name)}, which the index says it has`);
    tensors.set(name, info!);
  }
  const metadata = new Map([...files.values()].flatMap((file) => [...file.metadata]));
  return { tensors, metadata, get: async (name) => files.get(places.get(name) ?? missing(name, tensors))!.get(name) };
}

function placesIn(index: Uint8Array): Map<string, string> {
  let map: unknown;
  try {
    map = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(index))?.weight_map;
  } catch (error) {
    fail(`the index is not JSON: ${(error as Error).message}`);
  }
  if (typeof map !== "object" || map === null || Array.isArray(map)) fail("the index has no weight_map");
  const places = new Map<string, string>();
  for (const [name, file] of Object.entries(map as Record<string, unknown>)) {
    if (typeof file !== "string" || file.startsWith(".") || !/^[^/\\:\0]+$/.test(file)) {
      fail(`the index places ${JSON.stringify(name)} in ${JSON.stringify(file)}, which is no name of a file beside it`);
    }
    places.set(name, file as string);
  }
  return places;
}

function sourceOf(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer()),
  };
}

function missing(name: string, tensors: ReadonlyMap<string, unknown>): never {
  const names = [...tensors.keys()];
  const shown = names.slice(0, 12).join(", ") + (names.length > 12 ? `, … (${names.length} in all)` : "");
  return fail(`no tensor is named ${JSON.stringify(name)}; there are ${shown}`);
}

function fail(problem: string): never {
  throw new DataError(`safetensors: ${problem}`, { format: "safetensors" });
}
