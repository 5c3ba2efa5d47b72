/** Compiles one family of kernels; where nothing of it has changed, takes what was compiled before. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type LaidOut, Structs } from "./structs.ts";

const folder = "build/kernels";
const heapBaseFile = "assembly/how/heapBase.ts";

export interface Compiled {
  readonly binary: Buffer;
  /** Where the binary keeps the flag of its memory import: 3 for shared memory, 1 for unshared. */
  readonly sharedFlagOffset: number;
  /** `relu(x: number, y: number, from: number, to: number): void` */
  readonly signatures: readonly string[];
  /** What the kernels export besides functions, by name. */
  readonly constants: Readonly<Record<string, number>>;
  readonly structs: readonly LaidOut[];
  /** The end of its static data. */
  readonly heapBase: number;
}

/** Its static data begin at `memoryBase`. */
export async function compileFamily(name: string, memoryBase: number): Promise<Compiled> {
  const entry = `assembly/${name}/index.ts`;
  const options = ["--config", "asconfig.json", "--memoryBase", String(memoryBase)];
  const key = hashOf([...reachedFrom(entry), heapBaseFile, "asconfig.json", ...ours], options);
  const [wasm, types, notes] = ["wasm", "d.ts", "json"].map((ending) => join(folder, `${name}.${ending}`)) as [
    string,
    string,
    string,
  ];
  let known = existsSync(notes)
    ? (JSON.parse(readFileSync(notes, "utf8")) as { key: string; structs: LaidOut[] })
    : null;
  if (known?.key !== key) {
    const structs = new Structs();
    const { stdout, stderr } = process;
    const { main } = await import("assemblyscript/asc");
    mkdirSync(folder, { recursive: true });
    const { error } = await main([entry, heapBaseFile, ...options, "--outFile", wasm], {
      stdout,
      stderr,
      transforms: [structs.transform],
    });
    if (error) throw error;
    known = { key, structs: structs.found };
    writeFileSync(notes, JSON.stringify(known));
  }
  return { ...described(name, readFileSync(wasm), readFileSync(types, "utf8")), structs: known.structs };
}

const ours = ["scripts/compileFamily.ts", "scripts/structs.ts", "node_modules/assemblyscript/package.json"];

function described(name: string, binary: Buffer, types: string): Omit<Compiled, "structs"> {
  /** Limits of a memory import: a flag (3 shared, 1 unshared, both with a maximum), the minimum, the maximum. */
  const memoryImport = Buffer.from("\x03env\x06memory\x02");
  const sharedFlagOffset = binary.indexOf(memoryImport) + memoryImport.length;
  if (binary[sharedFlagOffset] !== 3) throw new Error(`buildKernels: ${name} imports no shared memory`);
  const unshared = new Uint8Array(binary);
  unshared[sharedFlagOffset] = 1;
  if (!WebAssembly.validate(unshared)) {
    throw new Error(`buildKernels: ${name} cannot run on unshared memory; does it use atomics?`);
  }
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(binary)), { env: { memory } });
  const { heapBase, ...constants } = Object.fromEntries(
    Object.entries(exports).flatMap(([key, value]) =>
      value instanceof WebAssembly.Global ? [[key, Number(value.value)]] : [],
    ),
  );
  return {
    binary,
    sharedFlagOffset,
    signatures: [...types.matchAll(/^ {2}export function (\w+\([^)]*\): \w+);/gm)].map(([, text]) => text!),
    constants,
    heapBase: heapBase!,
  };
}

/** The file and what it imports, directly or not. */
function reachedFrom(entry: string): string[] {
  const found = new Set([entry]);
  for (const file of found) {
    for (const [, to] of readFileSync(file, "utf8").matchAll(/\bfrom "(\.[^"]+)"/g)) {
      const path = join(dirname(file), to!);
      found.add(existsSync(`${path}.ts`) ? `${path}.ts` : join(path, "index.ts"));
    }
  }
  return [...found].sort();
}

function hashOf(files: readonly string[], options: readonly string[]): string {
  const hash = createHash("sha256").update(options.join());
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}
