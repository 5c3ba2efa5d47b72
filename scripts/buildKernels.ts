/**
 * Compiles `assembly/` to WebAssembly and writes `src/engine/generated/kernels.ts`: the binary as base64, and the kernels'
 * signatures as the compiler states them. Nothing it writes is committed.
 *
 * A module is compiled either for shared or for unshared memory. The two binaries differ in nothing but the flag of the
 * memory import, so one binary is inlined together with the place of that flag.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const compiler = "node_modules/assemblyscript/bin/asc.js";
const generated = new URL("../src/engine/generated/", import.meta.url);

execFileSync(process.execPath, [compiler, "--config", "asconfig.json", "--target", "release"], { stdio: "inherit" });
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
const globals = [...declarations.matchAll(/^ {2}export const (\w+): \{/gm)].map(
  ([, name]) => `  ${name}: WebAssembly.Global;`,
);

mkdirSync(generated, { recursive: true });
writeFileSync(
  new URL("kernels.ts", generated),
  `// Written by scripts/buildKernels.ts from assembly/; not committed.
export interface Kernels {
${[...globals, ...functions].join("\n")}
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
console.log(`kernels: ${functions.length} functions, ${binary.length} bytes`);
