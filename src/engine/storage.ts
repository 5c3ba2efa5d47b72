/** Owned memory: reference-counted blocks over the allocator, and what is known of all of them. */
import { QuarkError } from "../errors.ts";
import { Allocator, roundUp, type Span } from "./allocator.ts";
import { DebugAllocator } from "./debugAllocator.ts";
import { engine } from "./module.ts";
import { outOfMemory } from "./outOfMemory.ts";
import { granted, refusedOnPurpose } from "./requests.ts";

let allocator: Allocator | DebugAllocator | undefined;
let debug = false;
const live = new Set<Storage>();
let liveBytes = 0;
let peakBytes = 0;
/** Counts the moves to the heap: a block that was not read in the last round is moved in the next. */
let round = 0;
/** Bytes and blocks that may be added before the next round. */
const allowance = { bytes: 2 ** 26, blocks: 2 ** 14 };
let highWater = allowance;

/** What the garbage collector's net holds on to; cut when the block's numbers have moved to where it sees them by itself. */
export interface Link<Held> {
  held: Held | undefined;
}

/** How the numbers of a lazy block come about from those of others. */
export interface Origin {
  readonly storages: readonly Storage[];
  compute(ptr: number, storage: Storage): void;
}

/**
 * A block of linear memory with one or more owners: tensor handles, and recorded steps that keep it for backward. It is freed
 * when the last lets go.
 *
 * A block with an `origin` is lazy: it has no memory yet, since whoever reads it next may do without it. `settled()` gives it
 * its memory and numbers; it holds on to its sources until then.
 */
export class Storage {
  readonly bytes: number;
  /** Raised by every change in place, so that a step can tell that a block it kept is no longer what it was. */
  version = 0;
  /** How often its numbers were open to changes that no version tells of. */
  #exposures = 0;
  /** What a report calls it. */
  label: string;
  /** The shape it was made for, for reports. */
  readonly shape: readonly number[];
  #span: Span | undefined;
  #origin: Origin | undefined;
  /** The lazy blocks that will be computed from this one. */
  #readers: Set<Storage> | undefined;
  #owners = 1;
  /** The round in which it was last read. */
  #read = round;
  /** Of handles below which there is only the collector's net. */
  #links: Link<unknown>[] | undefined;
  /** Its numbers, while they are not in linear memory. */
  #onHeap: Uint8Array | undefined;
  /** Whether its address may be held beyond an op. */
  #pinned = false;
  #derived: Map<string, { edition: number; storage: Storage }> | undefined;
  #seen: Map<string, number> | undefined;

  /** Throws a MemoryError, with everything as it was, when the memory cannot grow enough. */
  constructor(bytes: number, label: string, shape: readonly number[], origin?: Origin) {
    this.label = label;
    this.shape = shape;
    this.#origin = origin;
    if (origin) {
      this.bytes = roundUp(bytes);
      for (const source of origin.storages) source.retain().#awaitedBy(this);
    } else {
      this.#span = allocateSpan(bytes, label, shape);
      this.bytes = this.#span.bytes;
      this.#enter();
    }
  }

  /** Its address; 0 while it is lazy. */
  get ptr(): number {
    return this.#span ? this.#span.ptr : 0;
  }

  get owners(): number {
    return this.#owners;
  }

  /** Where its numbers will come from, while it is lazy. */
  get origin(): Origin | undefined {
    return this.#origin;
  }

  /** Itself, with its numbers in memory. Throws a MemoryError, and stays lazy, when there is no room for them. */
  settled(): this {
    this.#read = round;
    if (this.#onHeap) this.#comeBack(this.#onHeap);
    const origin = this.#origin;
    if (!origin) return this;
    const span = allocateSpan(this.bytes, this.label, this.shape);
    try {
      origin.compute(span.ptr, this);
    } catch (error) {
      freeSpan(span);
      throw error;
    }
    this.#span = span;
    this.#enter();
    this.#forgetOrigin(origin);
    return this;
  }

  /** Itself, settled, and with nobody left who waits for its present numbers: from here on they may be changed in place. */
  exposed(): this {
    this.#exposures++;
    return this.changeable();
  }

  /** The same for the engine itself, which changes it at once, raises `version` and holds on to nothing. */
  changeable(): this {
    if (this.#readers) for (const reader of this.#readers) reader.settled();
    return this.settled();
  }

  /** Tells of a handle that the collector's net lies below. */
  linked(link: Link<unknown>): void {
    this.#links ??= [];
    this.#links.push(link);
  }

  /**
   * Moves the numbers out of linear memory, if nobody may hold its address; they come back with the next reader. On the heap the garbage
   * collector sees them: if no handle is left, they are gone.
   */
  moveToHeap(): void {
    const span = this.#span;
    if (!span || this.#exposures > 0 || this.#pinned) return;
    const numbers = new Uint8Array(engine().memory.buffer, span.ptr, this.bytes).slice();
    for (const { storage } of this.#derived?.values() ?? []) storage.release();
    this.#derived = undefined;
    this.#leave(span);
    this.#span = undefined;
    this.#onHeap = numbers;
    this.#letGo();
  }

  /** Cuts what holds it for the collector's net alone, and what would be computed from it: else its numbers stayed for their sake. */
  #letGo(): void {
    for (const link of this.#links ?? []) link.held = undefined;
    this.#links = undefined;
    for (const reader of this.#readers ?? []) reader.#letGo();
  }

  #comeBack(numbers: Uint8Array): void {
    const span = allocateSpan(this.bytes, this.label, this.shape);
    new Uint8Array(engine().memory.buffer, span.ptr, this.bytes).set(numbers);
    this.#span = span;
    this.#onHeap = undefined;
    this.#enter();
  }

  /** Whether somebody has read it in round `since` or later. */
  readSince(since: number): boolean {
    return this.#read >= since;
  }

  #leave(span: Span): void {
    live.delete(this);
    liveBytes -= this.bytes;
    allocator!.free(span);
  }

  retain(): this {
    this.#owners++;
    return this;
  }

  release(): void {
    if (--this.#owners > 0) return;
    if (this.#owners < 0) throw new QuarkError(`memory: the block of "${this.label}" was released twice`);
    if (this.#derived) for (const { storage } of this.#derived.values()) storage.release();
    this.#derived = undefined;
    if (this.#origin) this.#forgetOrigin(this.#origin);
    this.#onHeap = undefined;
    if (this.#span) this.#leave(this.#span);
  }

  #enter(): void {
    live.add(this);
    liveBytes += this.bytes;
    if (liveBytes > peakBytes) peakBytes = liveBytes;
  }

  #awaitedBy(reader: Storage): void {
    this.#readers ??= new Set();
    this.#readers.add(reader);
  }

  #forgetOrigin({ storages }: Origin): void {
    this.#origin = undefined;
    for (const source of storages) {
      source.#readers?.delete(this);
      if (source.#readers?.size === 0) source.#readers = undefined;
      source.release();
    }
  }

  /** Two equal editions hold the same numbers. */
  get #edition(): number {
    return this.version + this.#exposures;
  }

  /** See `stands`. */
  stands(key: string): boolean {
    this.#seen ??= new Map();
    if (this.#seen.get(key) === this.#edition) return true;
    this.#seen.set(key, this.#edition);
    return false;
  }

  /** See `derived`. */
  derive(key: string, bytes: number, fill: (ptr: number) => void): number {
    this.#derived ??= new Map();
    let entry = this.#derived.get(key);
    if (entry && entry.edition === this.#edition && entry.storage.bytes >= bytes) return entry.storage.ptr;
    if (entry && entry.storage.bytes < bytes) {
      entry.storage.release();
      this.#derived.delete(key);
      entry = undefined;
    }
    entry ??= { edition: -1, storage: new Storage(bytes, `${this.label} (${key})`, []) };
    entry.storage.#pinned = true;
    this.#derived.set(key, entry);
    fill(entry.storage.ptr);
    entry.edition = this.#edition;
    return entry.storage.ptr;
  }
}

/**
 * The address of a block of `bytes` that `fill` computes from the present contents of `storage`: packed or transformed
 * weights. It is filled anew only when those may have changed: by an op in place, or by whoever read the tensor's `data`. It is
 * freed with the storage.
 */
export function derived(storage: Storage, key: string, bytes: number, fill: (ptr: number) => void): number {
  return storage.derive(key, bytes, fill);
}

/**
 * Whether this was asked before, by the same key, and `storage` cannot have changed since: then what is derived from it may be wanted
 * again. The weights of a training step are new each time, those of inference stand.
 */
export function stands(storage: Storage, key: string): boolean {
  return storage.stands(key);
}

/**
 * Where much is live, moves what no op has read since the last time to JavaScript's heap. So a program without scopes, which leaves its
 * handles to the garbage collector, holds a bounded amount of linear memory, whether the collector comes to run or not. To be called
 * where no address is held: before an op looks at its inputs.
 */
export function relieve(): void {
  if (liveBytes < highWater.bytes && live.size < highWater.blocks) return;
  for (const storage of [...live]) if (!storage.readSince(round)) storage.moveToHeap();
  round++;
  highWater = { bytes: liveBytes + allowance.bytes, blocks: live.size + allowance.blocks };
}

/** Moves all that can be moved, `spared` aside: what is left to do before memory is said to be exhausted. Whether that freed any. */
export function relieveFully(spared: ReadonlySet<Storage>): boolean {
  if (refusedOnPurpose()) return false;
  const before = liveBytes;
  for (const storage of [...live]) if (!spared.has(storage)) storage.moveToHeap();
  round++;
  return liveBytes < before;
}

/** What `memory()` reports. All figures in bytes but the counts. */
export interface MemoryReport {
  /** In blocks that are in use. */
  readonly liveBytes: number;
  readonly liveBlocks: number;
  /** The most that `liveBytes` has been. */
  readonly peakBytes: number;
  /** The size of the WebAssembly memory, which never shrinks. */
  readonly totalBytes: number;
  /** The ten largest blocks in use. */
  readonly largest: readonly { readonly label: string; readonly shape: readonly number[]; readonly bytes: number }[];
}

/** What lies in linear memory now, and who holds the most of it. */
export function memory(): MemoryReport {
  const largest = [...live].sort((a, b) => b.bytes - a.bytes).slice(0, 10);
  return {
    liveBytes,
    liveBlocks: live.size,
    peakBytes,
    totalBytes: engine().memory.buffer.byteLength,
    largest: largest.map(({ label, shape, bytes }) => ({ label, shape, bytes })),
  };
}

/** Sets the peak back to what is live now. */
export function resetPeak(): void {
  peakBytes = liveBytes;
}

/**
 * Puts canaries around every block and fills fresh and freed memory with NaN, at the price of time. Has to be called before
 * the first tensor is made; throws a QuarkError after that.
 */
export function debugMemory(): void {
  if (allocator && !debug) {
    throw new QuarkError("debugMemory: memory is already in use; call it before the first tensor is made");
  }
  debug = true;
}

/** In debug mode, throws a QuarkError when a kernel wrote outside its blocks. */
export function checkMemory(): void {
  if (allocator instanceof DebugAllocator) allocator.check();
}

/** In debug mode, makes scratch memory show where it is read before it is written. */
export function poison(ptr: number, bytes: number): void {
  if (allocator instanceof DebugAllocator) allocator.poison(ptr, bytes);
}

/** A span that is nobody's tensor: blocks, and the arenas of scratch memory. */
export function allocateSpan(bytes: number, label: string, shape: readonly number[] = []): Span {
  if (!allocator) {
    const { memory: linear, heapBase } = engine();
    allocator = debug ? new DebugAllocator(linear, heapBase) : new Allocator(linear, heapBase);
  }
  const span = granted() ? allocator.allocate(bytes) : undefined;
  if (span) return span;
  throw outOfMemory(`${label} [${shape.join(", ")}]`, bytes, memory());
}

export function freeSpan(span: Span): void {
  allocator!.free(span);
}
