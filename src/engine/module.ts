/** The engine: one memory, made at the first call of `engine()`. Importing this file computes nothing and takes no memory. */
import { heapBase } from "./generated/build.ts";

export { kernelsSha256, version } from "./generated/build.ts";

export const pageBytes = 65536;

export interface Engine {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  /** The first address that the allocator may hand out. */
  readonly heapBase: number;
}

let instance: Engine | undefined;

export function engine(): Engine {
  if (instance) return instance;
  const shared = sharedMemoryAllowed();
  instance = { memory: largestMemory(shared), shared, heapBase };
  return instance;
}

/** A memory only reserves its maximum; runtimes that refuse to reserve 4 GiB (iOS) are asked for less. */
function largestMemory(shared: boolean): WebAssembly.Memory {
  for (let maximum = 65536; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 16, maximum, shared });
    } catch (error) {
      if (maximum <= 2048) throw error;
    }
  }
}

/** A page without COOP/COEP can construct a shared memory but never hand it to a worker. */
function sharedMemoryAllowed(): boolean {
  return (
    typeof SharedArrayBuffer === "function" &&
    (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false
  );
}
