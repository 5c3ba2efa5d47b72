/**
 * The kernels of a family: a WebAssembly module of its own over the one memory, so that a program that uses no kernel of a family
 * need not carry it. It is instantiated when one of its kernels is first asked for.
 */
import { instantiateSync } from "@assemblyscript/loader";
import { inflateSync } from "fflate";
import { QuarkError } from "../errors.ts";
import { engine } from "./module.ts";

/** What `scripts/buildKernels.ts` writes of a family. */
export interface Inlined {
  readonly name: string;
  /** Deflated, as base64. */
  readonly binary: string;
  /** Where the binary keeps the flag of its memory import: 3 for shared memory, 1 for unshared. */
  readonly sharedFlagOffset: number;
}

export interface Instantiated {
  readonly module: WebAssembly.Module;
  readonly kernels: object;
}

/** The families in the order of their first use. */
export const families: Instantiated[] = [];

/**
 * What stands for the kernels until one is read: then the family is instantiated, and `fill` gets its raw exports, since the
 * loader's own wrappers triple the time of a call.
 */
export function family<Kernels extends object>(inlined: Inlined, fill: (kernels: Kernels) => void): Kernels {
  let kernels: Kernels | undefined;
  return new Proxy({} as Kernels, {
    get(_, name) {
      if (!kernels) {
        const one = instantiate(inlined);
        families.push(one);
        kernels = one.kernels as Kernels;
        fill(kernels);
      }
      return kernels[name as keyof Kernels];
    },
  });
}

function instantiate({ binary, sharedFlagOffset }: Inlined): Instantiated {
  const { memory, shared } = engine();
  const bytes = inflateSync(decodeBase64(binary));
  if (!shared) bytes[sharedFlagOffset] = 1;
  if (!WebAssembly.validate(bytes)) {
    throw new QuarkError(
      "quarkgrad: this runtime's WebAssembly has no SIMD; use Node ≥ 20, Safari ≥ 16.4 or a current browser",
    );
  }
  const module = new WebAssembly.Module(bytes);
  const { instance } = instantiateSync<Record<string, unknown>>(module, { env: { memory } });
  return { module, kernels: instance.exports };
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
