/**
 * Two arenas of scratch memory, made larger when something asks for more and otherwise kept: the workspace of the op that is
 * running, and one stretch for each thread. Neither counts as live, and what they hold is garbage.
 */
import { alignment, roundUp, type Span } from "./allocator.ts";
import { allocateSpan, freeSpan, poison } from "./storage.ts";

class Arena {
  readonly #name: string;
  #span: Span | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  reserve(bytes: number): number {
    if (!this.#span || this.#span.bytes < bytes) {
      const old = this.#span;
      this.#span = undefined;
      if (old) freeSpan(old);
      this.#span = allocateSpan(bytes, this.#name);
    }
    poison(this.#span.ptr, this.#span.bytes);
    return this.#span.ptr;
  }
}

const workspace = new Arena("workspace");
const scratch = new Arena("scratch");

/** The address of the op's workspace, valid until the next op. */
export function workspaceFor(bytes: number): number {
  return bytes === 0 ? 0 : workspace.reserve(bytes);
}

/** The bytes from one thread's scratch to the next: a line more than wanted, so that no stride is a multiple of 4096. */
export function scratchStride(bytes: number): number {
  return roundUp(bytes) + alignment;
}

/** The address of the first thread's scratch; the others follow at `scratchStride(bytes)`. */
export function scratchFor(bytes: number, threads: number): number {
  return scratch.reserve(scratchStride(bytes) * threads);
}
