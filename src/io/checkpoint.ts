/** Training that can be stopped anywhere and gone on with: everything that the next step depends on, in one safetensors file. */
import type { DType, TypedArray } from "../core/dtype.ts";
import type { Shape } from "../core/shape.ts";
import { kernelsSha256, version } from "../engine/module.ts";
import { DataError, StateDictError } from "../errors.ts";
import { decodePlain, encodePlain, isRecord } from "./plainValue.ts";
import { type NamedArray, readSafetensors, writeSafetensors } from "./safetensors.ts";

/** What a checkpoint takes a part's state from and gives it back to: models, optimisers, schedules, loaders and generators are. */
export interface Stateful {
  stateDict(): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each part takes what its own stateDict gave
  loadStateDict(state: any): unknown;
}

/** Where checkpoints lie: `folderStore` of `quarkgrad/node`, `opfsStore` or `indexedDBStore` in browsers, or one of your own. */
export interface CheckpointStore {
  names(): Promise<readonly string[]>;
  read(name: string): Promise<Uint8Array>;
  /** Afterwards the file is there whole, or as it was before, whatever happens on the way. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface CheckpointOptions {
  /** How many of the latest are kept. 2 by default. */
  readonly keep?: number;
}

/** A checkpoint that was read. */
export interface Saved<Progress = unknown> {
  readonly name: string;
  readonly step: number;
  /** What was passed to `save`. */
  readonly progress: Progress;
  /** The version of the library that wrote it, and the hash of its kernels. */
  readonly version: string;
  /** Whether the kernels are those that run now: then everything that follows has the same bits as without the interruption. */
  readonly sameKernels: boolean;
  /** Later checkpoints that could not be read, with the reason. */
  readonly skipped: readonly string[];
}

const format = "checkpoint";
const formatVersion = 1;
const entry = "quarkgrad.checkpoint";

/**
 * Checkpoints of a training in a store.
 *
 *     const checkpoint = new Checkpoint(folderStore("runs/sora"), { model, optimizer, loader, generator: defaultGenerator });
 *     const saved = await checkpoint.load();          // undefined the first time
 *     …
 *     await checkpoint.save(step, { epoch });         // also in the middle of an epoch
 *
 * What was stopped at any moment and loaded goes on with the same bits as if it had not been stopped, also with another number of threads
 * or in another runtime, where everything random and everything that changes is among the parts.
 */
export class Checkpoint {
  readonly #store: CheckpointStore;
  readonly #parts: Readonly<Record<string, Stateful>>;
  readonly #keep: number;

  /** @throws DataError where `keep` is not a whole number of at least 1. */
  constructor(store: CheckpointStore, parts: Readonly<Record<string, Stateful>>, { keep = 2 }: CheckpointOptions = {}) {
    if (!Number.isInteger(keep) || keep < 1) {
      throw new DataError(`Checkpoint: keep ${keep} must be a whole number of at least 1`, { format });
    }
    this.#store = store;
    this.#parts = parts;
    this.#keep = keep;
  }

  /**
   * Writes the state of all parts, as it is when the call is made, and drops all but the latest. `progress` is whatever else the program
   * needs to go on: numbers, texts, lists, records, typed arrays. Returns the name of what was written.
   *
   * @throws DataError where it cannot be written (then the ones before are as they were), or where a later step is there already.
   */
  async save(step: number, progress?: unknown): Promise<string> {
    if (!(Number.isSafeInteger(step) && step >= 0)) throw fault(`step ${step} must be a whole number of at least 0`);
    const bytes = this.#packed(step, progress);
    const before = await listed(this.#store);
    const last = before.at(-1);
    if (last && last.step > step) {
      throw fault(`step ${step} comes before step ${last.step}, which is there already; load it, or use another place`);
    }
    const name = `step-${String(step).padStart(16, "0")}.safetensors`;
    await this.#store.write(name, bytes);
    const old = before.filter((one) => one.name !== name).map((one) => one.name);
    for (const dropped of old.slice(0, Math.max(old.length - this.#keep + 1, 0))) await this.#store.remove(dropped);
    return name;
  }

  /** The step of the latest, or undefined where there is none. */
  async latest(): Promise<number | undefined> {
    return (await listed(this.#store)).at(-1)?.step;
  }

  /**
   * Gives all parts the state of the latest checkpoint, or, where that is damaged, of the one before it. Returns undefined where there is
   * none.
   *
   * @throws DataError where there are some and none can be read; StateDictError where a part does not take its state. Then all parts are as
   * they were.
   */
  async load<Progress = unknown>(): Promise<Saved<Progress> | undefined> {
    const found = await readLatest<Progress>(this.#store);
    if (found) this.#give(found.parts);
    return found?.saved;
  }

  /** What the latest that can be read says, without giving it to anyone; undefined where there is none. */
  static async read<Progress = unknown>(store: CheckpointStore): Promise<Saved<Progress> | undefined> {
    return (await readLatest<Progress>(store))?.saved;
  }

  #packed(step: number, progress: unknown): Uint8Array<ArrayBuffer> {
    const tensors = new Map<string, NamedArray>();
    const parts: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(this.#parts)) parts[name] = packed(part.stateDict(), name, tensors);
    const content = {
      format: "quarkgrad-checkpoint",
      formatVersion,
      version,
      kernels: kernelsSha256,
      step,
      parts,
      progress: packed(progress, "progress", tensors),
    };
    return writeSafetensors(tensors, new Map([[entry, JSON.stringify(content)]]));
  }

  /** All parts or none: where one refuses, those before it get their own state back. */
  #give(states: ReadonlyMap<string, unknown>): void {
    const missing = Object.keys(this.#parts).filter((name) => !states.has(name));
    const unexpected = [...states.keys()].filter((name) => !Object.hasOwn(this.#parts, name));
    if (missing.length + unexpected.length > 0) {
      throw new StateDictError(
        `Checkpoint: the parts differ: ${missing.join(", ") || "none"} only here, ${unexpected.join(", ") || "none"} only in the checkpoint; nothing was changed`,
      );
    }
    const given: [Stateful, unknown][] = [];
    for (const [name, part] of Object.entries(this.#parts)) {
      const before = copied(part.stateDict());
      try {
        part.loadStateDict(states.get(name));
      } catch (error) {
        for (const [earlier, state] of given) earlier.loadStateDict(state);
        const problem = (error as Error).message;
        throw new StateDictError(`Checkpoint: ${name}: ${problem}; no part was changed`);
      }
      given.push([part, before]);
    }
  }
}

async function listed(store: CheckpointStore): Promise<{ name: string; step: number }[]> {
  const found: { name: string; step: number }[] = [];
  for (const name of await store.names()) {
    const digits = /^step-(\d{16})\.safetensors$/.exec(name)?.[1];
    if (digits !== undefined) found.push({ name, step: Number(digits) });
  }
  return found.sort((a, b) => a.step - b.step);
}

/** The latest that can be read. */
async function readLatest<Progress>(store: CheckpointStore) {
  const skipped: string[] = [];
  for (const { name, step } of (await listed(store)).reverse()) {
    try {
      const { parts, progress, version: writer, kernels } = readCheckpoint(await store.read(name), step);
      const sameKernels = kernels === kernelsSha256;
      const saved: Saved<Progress> = {
        name,
        step,
        progress: progress as Progress,
        version: writer,
        sameKernels,
        skipped,
      };
      return { parts, saved };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      skipped.push(`${name}: ${error.message}`);
    }
  }
  if (skipped.length > 0) throw fault(`none can be read: ${skipped.join("; ")}`);
  return undefined;
}

export interface Content {
  readonly parts: ReadonlyMap<string, unknown>;
  readonly progress: unknown;
  readonly version: string;
  readonly kernels: string;
}

const arrayKinds = { Uint8Array, Int32Array, Float32Array, Float64Array } as const;

/** The state as JSON's values, with its tensors and typed arrays put into `tensors` under their paths. */
function packed(state: unknown, root: string, tensors: Map<string, NamedArray>): unknown {
  return encodePlain(
    state,
    (value, path) => {
      if (isNamedArray(value)) {
        tensors.set(path, value);
        return { $: "tensor", name: path };
      }
      if (value instanceof Map && [...value.keys()].every((key) => typeof key === "string")) {
        return packed(Object.fromEntries(value), path, tensors);
      }
      const kind = Object.entries(arrayKinds).find(([, array]) => value instanceof array)?.[0];
      if (kind === undefined) throw fault(`${path} cannot be written; use numbers, texts, lists, records and tensors`);
      const { buffer, byteOffset, byteLength } = value as Uint8Array;
      tensors.set(path, { dtype: "uint8", shape: [byteLength], data: new Uint8Array(buffer, byteOffset, byteLength) });
      return { $: kind, name: path };
    },
    root,
  );
}

/** What the file of a checkpoint says, with its tensors in their places. */
export function readCheckpoint(bytes: Uint8Array, step: number): Content {
  const { tensors, metadata } = readSafetensors(bytes);
  let content: unknown;
  try {
    content = JSON.parse(metadata.get(entry) ?? "");
  } catch {
    throw fault("the file is no checkpoint, or damaged");
  }
  const right =
    isRecord(content) &&
    content.format === "quarkgrad-checkpoint" &&
    content.formatVersion === formatVersion &&
    content.step === step &&
    isRecord(content.parts) &&
    typeof content.version === "string" &&
    typeof content.kernels === "string";
  if (!right) throw fault(`the file is no checkpoint of step ${step} in version ${formatVersion} of the format`);
  const { parts, progress, version: writer, kernels } = content as Record<string, unknown>;
  const restore = (value: unknown) =>
    decodePlain(
      value,
      (problem) => {
        throw fault(`the file has ${problem}`);
      },
      ({ $: kind, name }) => {
        const array = tensors.get(String(name));
        if (!array) throw fault(`the file has no tensor ${JSON.stringify(String(name))}`);
        if (kind === "tensor") return array;
        return typedArray(String(kind), array.data);
      },
    );
  return {
    parts: new Map(Object.entries(parts as object).map(([name, state]) => [name, restore(state)])),
    progress: restore(progress),
    version: writer as string,
    kernels: kernels as string,
  };
}

function typedArray(kind: string, { buffer, byteLength }: TypedArray): ArrayBufferView {
  const Kind = Object.hasOwn(arrayKinds, kind) ? arrayKinds[kind as keyof typeof arrayKinds] : undefined;
  if (!Kind || byteLength % Kind.BYTES_PER_ELEMENT !== 0) throw fault(`the file has an array of kind ${kind}`);
  return new Kind(buffer as ArrayBuffer);
}

/** A state whose numbers no longer change with the part's. */
function copied(state: unknown): unknown {
  if (isNamedArray(state)) return { dtype: state.dtype, shape: state.shape, data: state.data.slice() };
  if (ArrayBuffer.isView(state)) return (state as Uint8Array).slice();
  if (Array.isArray(state)) return state.map(copied);
  if (!isRecord(state)) return state;
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, copied(value)]));
}

function isNamedArray(
  value: unknown,
): value is { readonly dtype: DType; readonly shape: Shape; readonly data: TypedArray } {
  return isRecord(value) && "dtype" in value && "shape" in value && "data" in value;
}

function fault(problem: string): DataError {
  return new DataError(`Checkpoint: ${problem}`, { format });
}
