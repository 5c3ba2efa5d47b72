import { DebugAllocator } from "../../src/engine/debugAllocator.ts";
import { MemoryError } from "../../src/errors.ts";

/** Runs `body` with the n-th block from here on refused; tells whether it came to that. */
export function failingAt(n: number, body: () => void): boolean {
  const { allocate } = DebugAllocator.prototype;
  let count = 0;
  DebugAllocator.prototype.allocate = function (this: DebugAllocator, bytes: number) {
    return ++count === n ? undefined : allocate.call(this, bytes);
  };
  try {
    body();
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error;
  } finally {
    DebugAllocator.prototype.allocate = allocate;
  }
  return count >= n;
}
