/**
 * Two-level segregated fit over one WebAssembly.Memory (Masmano et al., "TLSF: a new dynamic memory allocator for real-time
 * systems", 2004): constant time, neighbours merged at once, at most 1/16 lost to the rounding of a search. What is known of a
 * span is kept outside the memory, where no kernel can overwrite it.
 *
 *   class of a span of n units:   n < 16: n            one class a size
 *                                 else:   16·⌊log2 n⌋ + the four bits behind the leading one
 */
import { pageBytes } from "./module.ts";

/** Every span begins at a multiple of it and is a multiple of it long. */
export const alignment = 64;

const subdivisions = 16;

/** A stretch of memory, free or in use. */
export interface Span {
  ptr: number;
  bytes: number;
  free: boolean;
  before: Span | undefined;
  after: Span | undefined;
  previousFree: Span | undefined;
  nextFree: Span | undefined;
}

export class Allocator {
  readonly #memory: WebAssembly.Memory;
  readonly #heads: (Span | undefined)[] = new Array(32 * subdivisions).fill(undefined);
  /** Bit f is set where a class of first level f has a free span; `#second[f]` has the bits of its classes. */
  #first = 0;
  readonly #second = new Uint32Array(32);
  #last: Span | undefined;
  #end: number;

  constructor(memory: WebAssembly.Memory, start: number) {
    this.#memory = memory;
    this.#end = roundUp(start);
    this.#append(usableEnd(memory) - this.#end);
  }

  /** A span of at least `bytes`, or undefined when memory cannot grow enough. */
  allocate(bytes: number): Span | undefined {
    const wanted = Math.max(roundUp(bytes), alignment);
    const span = this.#find(wanted) ?? (this.#grow(wanted) ? this.#find(wanted) : undefined);
    if (!span) return undefined;
    this.#unlink(span);
    if (span.bytes > wanted) this.#split(span, wanted);
    span.free = false;
    return span;
  }

  free(span: Span): void {
    const { before, after } = span;
    if (after?.free) this.#merge(span, after);
    if (before?.free) {
      this.#unlink(before);
      this.#join(before, span);
      this.#link(before);
    } else this.#link(span);
  }

  /** Every span from the lowest address up, for tests and reports. */
  *spans(): Iterable<Readonly<Span>> {
    let span = this.#last;
    while (span?.before) span = span.before;
    for (; span; span = span.after) yield span;
  }

  /** The block that was freed last if it fits, so that equal sizes alternate; else one of a class whose blocks all fit. */
  #find(wanted: number): Span | undefined {
    const units = wanted / alignment;
    const own = this.#heads[classOf(units)];
    if (own && own.bytes >= wanted) return own;
    const step = units < subdivisions ? 0 : (1 << (31 - Math.clz32(units) - 4)) - 1;
    const index = classOf(units + step);
    const level = index >> 4;
    const within = this.#second[level]! & (-1 << (index & 15));
    if (within) return this.#heads[(level << 4) | lowestBit(within)];
    const above = level === 31 ? 0 : this.#first & (-2 << level);
    if (above) {
      const found = lowestBit(above);
      return this.#heads[(found << 4) | lowestBit(this.#second[found]!)];
    }
    // Memory would have to grow: better look through the class in which only some blocks fit.
    for (let span = own; span; span = span.nextFree) if (span.bytes >= wanted) return span;
    return undefined;
  }

  /** Doubles the memory, or takes just what is wanted where doubling is refused. */
  #grow(wanted: number): boolean {
    const missing = wanted - (this.#last?.free ? this.#last.bytes : 0);
    const pages = Math.ceil(missing / pageBytes);
    const present = this.#memory.buffer.byteLength / pageBytes;
    if (!tryGrow(this.#memory, Math.max(pages, present)) && !tryGrow(this.#memory, pages)) return false;
    this.#append(usableEnd(this.#memory) - this.#end);
    return true;
  }

  #append(bytes: number): void {
    const span = newSpan(this.#end, bytes, this.#last);
    if (this.#last) this.#last.after = span;
    this.#last = span;
    this.#end += bytes;
    this.free(span);
  }

  #split(span: Span, bytes: number): void {
    const rest = newSpan(span.ptr + bytes, span.bytes - bytes, span);
    rest.after = span.after;
    if (rest.after) rest.after.before = rest;
    else this.#last = rest;
    span.after = rest;
    span.bytes = bytes;
    this.#link(rest);
  }

  #merge(span: Span, after: Span): void {
    this.#unlink(after);
    this.#join(span, after);
  }

  #join(span: Span, after: Span): void {
    span.bytes += after.bytes;
    span.after = after.after;
    if (span.after) span.after.before = span;
    else this.#last = span;
  }

  #link(span: Span): void {
    const index = classOf(span.bytes / alignment);
    const head = this.#heads[index];
    span.free = true;
    span.previousFree = undefined;
    span.nextFree = head;
    if (head) head.previousFree = span;
    this.#heads[index] = span;
    this.#first |= 1 << (index >> 4);
    this.#second[index >> 4]! |= 1 << (index & 15);
  }

  #unlink(span: Span): void {
    const { previousFree, nextFree } = span;
    if (nextFree) nextFree.previousFree = previousFree;
    if (previousFree) {
      previousFree.nextFree = nextFree;
      return;
    }
    const index = classOf(span.bytes / alignment);
    this.#heads[index] = nextFree;
    if (nextFree) return;
    this.#second[index >> 4]! &= ~(1 << (index & 15));
    if (!this.#second[index >> 4]) this.#first &= ~(1 << (index >> 4));
  }
}

/** Kernels may read up to 64 bytes behind a block, so the last 64 bytes are never handed out. */
function usableEnd(memory: WebAssembly.Memory): number {
  return memory.buffer.byteLength - alignment;
}

function newSpan(ptr: number, bytes: number, before: Span | undefined): Span {
  return { ptr, bytes, free: true, before, after: undefined, previousFree: undefined, nextFree: undefined };
}

function tryGrow(memory: WebAssembly.Memory, pages: number): boolean {
  try {
    memory.grow(pages);
    return true;
  } catch {
    return false;
  }
}

export function roundUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

function classOf(units: number): number {
  if (units < subdivisions) return units;
  const level = 31 - Math.clz32(units);
  return (level << 4) | ((units >> (level - 4)) & 15);
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
