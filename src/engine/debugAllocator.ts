/**
 * The allocator of debug mode. Around each block lie 64 bytes of canary, checked when it is freed and by `check()`; fresh
 * and freed memory holds the same pattern, a NaN read as float32, so that an element never written, or read
 * after its end, shows. The last freed blocks are held back so that a stale address meets the pattern and not new data.
 *
 *   | canary 64 | block, rounded up to 64 | canary 64 |
 */
import { QuarkError } from "../errors.ts";
import { Allocator, alignment, roundUp, type Span } from "./allocator.ts";

/** A signalling NaN as float32, and far out of range as an index. */
const pattern = 0x7fbf8234;
const quarantineLength = 64;

export class DebugAllocator {
  readonly #allocator: Allocator;
  readonly #memory: WebAssembly.Memory;
  readonly #live = new Map<Span, Span>();
  readonly #quarantine: Span[] = [];

  constructor(memory: WebAssembly.Memory, start: number) {
    this.#memory = memory;
    this.#allocator = new Allocator(memory, start);
  }

  allocate(bytes: number): Span | undefined {
    const outer = this.#allocate(roundUp(Math.max(bytes, 1)) + 2 * alignment);
    if (!outer) return undefined;
    this.#poison(outer.ptr, outer.bytes);
    const inner = { ...outer, ptr: outer.ptr + alignment, bytes: outer.bytes - 2 * alignment };
    this.#live.set(inner, outer);
    return inner;
  }

  free(span: Span): void {
    this.#checkCanaries(span);
    const outer = this.#live.get(span)!;
    this.#live.delete(span);
    this.#poison(outer.ptr, outer.bytes);
    this.#quarantine.push(outer);
    if (this.#quarantine.length > quarantineLength) this.#allocator.free(this.#quarantine.shift()!);
  }

  /** Throws when a canary of any block in use was overwritten. */
  check(): void {
    for (const span of this.#live.keys()) this.#checkCanaries(span);
  }

  /** Makes the memory show itself where it is read before it is written. */
  poison(ptr: number, bytes: number): void {
    this.#poison(ptr, bytes);
  }

  #allocate(bytes: number): Span | undefined {
    const span = this.#allocator.allocate(bytes);
    if (span || this.#quarantine.length === 0) return span;
    for (const held of this.#quarantine.splice(0)) this.#allocator.free(held);
    return this.#allocator.allocate(bytes);
  }

  #poison(ptr: number, bytes: number): void {
    new Int32Array(this.#memory.buffer, ptr, bytes / 4).fill(pattern);
  }

  #checkCanaries(span: Span): void {
    for (const [side, ptr] of [
      ["before", span.ptr - alignment],
      ["behind", span.ptr + span.bytes],
    ] as const) {
      const words = new Int32Array(this.#memory.buffer, ptr, alignment / 4);
      const broken = words.findIndex((word) => word !== pattern);
      if (broken >= 0) {
        throw new QuarkError(
          `memory: a kernel wrote ${side} the block of ${span.bytes} bytes at ${span.ptr}: the canary's byte ${4 * broken} was changed`,
        );
      }
    }
  }
}
