/**
 * Compiles `assembly/` to WebAssembly, a binary for each family, and writes into `src/engine/generated/` what the
 * compiler states:
 *
 *   <family>.ts  the binary, deflated, as base64; the kernels' signatures; `kernels`, instantiated when first read
 *   worker.ts    what a thread runs, as text: no bundler has to find a file, and a page may have it from another origin
 *   border.ts    the numbers that both sides must know: exported constants and the offsets of structs
 *   build.ts     where the static data of all families end; the hash of the kernels, the package's version
 *
 * Nothing it writes is committed. A module is compiled either for shared or for unshared memory. The two binaries
 * differ in nothing but the flag of the memory import, so one binary is inlined together with the place of that flag.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { build } from "esbuild";
import { type Compiled, compileFamily } from "./compileFamily.ts";
import type { LaidOut } from "./structs.ts";

const generated = new URL("../src/engine/generated/", import.meta.url);
const families = readdirSync("assembly", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`assembly/${entry.name}/index.ts`))
  .map(({ name }) => name)
  .sort();

const hash = createHash("sha256");
const constants: Record<string, number> = {};
const structs = new Map<string, LaidOut>();
/** Addresses below stand for blocks that are not there. */
let end = 1024;
let bytes = 0;
let functions = 0;

rmSync(generated, { recursive: true, force: true });
mkdirSync(generated, { recursive: true });
for (const name of families) {
  const compiled = await compileFamily(name, end);
  write(name, moduleOf(name, compiled));
  hash.update(compiled.binary);
  Object.assign(constants, compiled.constants);
  for (const struct of compiled.structs) structs.set(struct.name, struct);
  end = compiled.heapBase;
  bytes += compiled.binary.length;
  functions += compiled.signatures.length;
}
write("border", borderOf());
write(
  "worker",
  `/** What a thread runs, in one script. */\nexport const workerScript = ${JSON.stringify(await workerScript())};\n`,
);
write(
  "build",
  `/** The end of the families' static data; the allocator starts here and never below. */
export const heapBase = ${end};
/** The SHA-256 of the binaries: numbers are promised to be the same bits only where it is the same. */
export const kernelsSha256 = "${hash.digest("hex")}";
/** The version in package.json. */
export const version = "${JSON.parse(readFileSync("package.json", "utf8")).version}";
`,
);
console.log(`kernels: ${families.length} families, ${functions} functions, ${bytes} bytes`);

function write(name: string, text: string): void {
  writeFileSync(
    new URL(`${name}.ts`, generated),
    `// Written by scripts/buildKernels.ts from assembly/; not committed.\n${text}`,
  );
}

function moduleOf(name: string, { binary, sharedFlagOffset, signatures }: Compiled): string {
  const inlined = deflateRawSync(binary, { level: 9 }).toString("base64");
  return `import { family } from "../family.ts";

export interface Kernels {
${signatures.map((text) => `  ${text};`).join("\n")}
}

/**
 * The kernels of assembly/${name}/. A live binding: the first read instantiates the binary, then it is the exports
 * themselves.
 */
export let kernels: Kernels = /* @__PURE__ */ family<Kernels>(
  { name: "${name}", binary: "${inlined}", sharedFlagOffset: ${sharedFlagOffset} },
  (exports) => {
    kernels = exports;
  },
);
`;
}

function borderOf(): string {
  return [
    ...Object.entries(constants).map(([name, value]) => `export const ${name} = ${value};\n`),
    ...[...structs.values()].map(({ name, file, bytes, offsets }) => {
      const struct = `${name[0]!.toLowerCase()}${name.slice(1)}Struct`;
      return `/** \`${file}\` */\nexport const ${struct} = ${JSON.stringify({ bytes, offsets })} as const;\n`;
    }),
  ].join("");
}

async function workerScript(): Promise<string> {
  const entryPoints = ["src/engine/worker.js"];
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]!.text.trim();
}
