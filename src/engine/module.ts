/**
 * The WebAssembly module: one memory, one instance, made at the first call of `engine()`. Importing this file computes
 * nothing and takes no memory.
 */
import { instantiateSync } from "@assemblyscript/loader";
import { QuarkError } from "../errors.ts";
import { binary, type Kernels, sharedFlagOffset } from "./generated/kernels.ts";

export { kernelsSha256, version } from "./generated/kernels.ts";
export type { Kernels };

export const pageBytes = 65536;

export interface Engine {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly shared: boolean;
  /** The first address that the allocator may hand out. */
  readonly heapBase: number;
}

/**
 * The kernels. A live binding that `engine()` fills: whoever holds an address has called it before, so particles read
 * `kernels.relu` as it stands.
 */
export let kernels: Kernels;
let instance: Engine | undefined;

export function engine(): Engine {
  if (instance) return instance;
  const bytes = decodeBase64(binary);
  const shared = sharedMemoryAllowed();
  if (!shared) bytes[sharedFlagOffset] = 1;
  if (!WebAssembly.validate(bytes)) {
    throw new QuarkError(
      "quarkgrad: this runtime's WebAssembly has no SIMD; use Node ≥ 20, Safari ≥ 16.4 or a current browser",
    );
  }
  const module = new WebAssembly.Module(bytes);
  const memory = largestMemory(shared);
  const { instance: raw } = instantiateSync<Record<string, unknown>>(module, { env: { memory } });
  // The raw exports: the loader's own wrappers triple the time of a call.
  kernels = raw.exports as unknown as Kernels;
  instance = { memory, module, shared, heapBase: kernels.heapBase.value };
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

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
