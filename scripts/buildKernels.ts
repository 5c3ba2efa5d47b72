/**
 * Compiles `assembly/` to WebAssembly and writes into `src/engine/generated/` what the compiler states: `kernels.ts` has the binary
 * as base64 and the kernels' signatures, `border.ts` the numbers that both sides must know: exported constants and the
 * offsets of structs. Nothing it writes is committed.
 *
 * A module is compiled either for shared or for unshared memory. The two binaries differ in nothing but the flag of the
 * memory import, so one binary is inlined together with the place of that flag.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { main } from "assemblyscript/asc";
import { Structs } from "./structs.ts";

const generated = new URL("../src/engine/generated/", import.meta.url);

const structs = new Structs();
const { stdout, stderr } = process;
const { error } = await main(["--config", "asconfig.json", "--target", "release"], {
  stdout,
  stderr,
  transforms: [structs.transform],
});
if (error) throw error;
const binary = readFileSync("build/kernels.wasm");

/** Limits of a memory import: a flag (3 shared, 1 unshared, both with a maximum), the minimum, the maximum. */
const memoryImport = Buffer.from("\x03env\x06memory\x02");
const sharedFlagOffset = binary.indexOf(memoryImport) + memoryImport.length;
if (binary[sharedFlagOffset] !== 3) throw new Error("buildKernels: the binary imports no shared memory");
const unshared = new Uint8Array(binary);
unshared[sharedFlagOffset] = 1;
if (!WebAssembly.validate(unshared)) {
  throw new Error("buildKernels: the kernels cannot run on unshared memory; do they use atomics?");
}

const declarations = readFileSync("build/kernels.d.ts", "utf8");
const functions = [...declarations.matchAll(/^ {2}export function (\w+\([^)]*\): \w+);/gm)].map(
  ([, text]) => `  ${text};`,
);
/** What the kernels export besides functions. The end of their static data is no matter of the sources; the rest are constants. */
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
const constants = Object.entries(exports)
  .filter(([name, value]) => value instanceof WebAssembly.Global && name !== "heapBase")
  .map(([name, value]) => `export const ${name} = ${(value as WebAssembly.Global).value};`);

mkdirSync(generated, { recursive: true });
writeFileSync(
  new URL("kernels.ts", generated),
  `// Written by scripts/buildKernels.ts from assembly/; not committed.
export interface Kernels {
  heapBase: WebAssembly.Global;
${functions.join("\n")}
}
/** Where the binary keeps the flag of its memory import: 3 for shared memory, 1 for unshared. */
export const sharedFlagOffset = ${sharedFlagOffset};
/** The SHA-256 of the binary: numbers are promised to be the same bits only where it is the same. */
export const kernelsSha256 = "${createHash("sha256").update(binary).digest("hex")}";
/** The version in package.json. */
export const version = "${JSON.parse(readFileSync("package.json", "utf8")).version}";
export const binary =
  "${binary.toString("base64")}";
`,
);
writeFileSync(
  new URL("border.ts", generated),
  `// Written by scripts/buildKernels.ts from assembly/; not committed.
${constants.join("\n")}
${structs.found
  .map(
    ({ name, file, bytes, offsets }) => `/** \`${file}\` */
export const ${name[0]!.toLowerCase()}${name.slice(1)}Struct = ${JSON.stringify({ bytes, offsets })} as const;
`,
  )
  .join("")}`,
);
console.log(`kernels: ${functions.length} functions, ${binary.length} bytes`);
