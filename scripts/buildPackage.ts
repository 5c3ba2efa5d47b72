/**
 * Builds what is published:
 *
 *   dist/**        the library, a module for each source file: what bundlers get, who keep what a program uses
 *   dist/bundled/  the same in few files, which Node, Deno and Bun load in a fraction of the time
 *   dist/cli.js    the command line with its dependencies inside, on top of dist/bundled
 *   dist/types/    declarations
 *
 * The few packages that the library uses are inside.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";

rmSync("dist", { recursive: true, force: true });

/** What `exports` of package.json names. */
const entries = {
  withMethods: "src/withMethods.ts",
  methods: "src/methods.ts",
  nn: "src/nn/index.ts",
  optim: "src/optim/index.ts",
  data: "src/data/index.ts",
  node: "src/node.ts",
  study: "src/study/index.ts",
  conformance: "src/study/conformance/index.ts",
};

const common: BuildOptions = {
  bundle: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  sourcemap: true,
  sourcesContent: false,
};

/** The modules of the library as they are, side by side; packages are bundled into the module that imports them. */
const fileByFile: Plugin = {
  name: "file by file",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind, importer }) =>
      kind === "entry-point" || importer.includes("node_modules")
        ? undefined
        : { path: path.replace(/\.ts$/, ".js"), external: true },
    );
  },
};

/** The command line imports the library as a neighbour, so that there is one engine and one `Tensor`. */
const besideLibrary: Plugin = {
  name: "beside the library",
  setup({ onResolve }) {
    const neighbours = new Map([
      ["src/index.ts", "./bundled/withMethods.js"],
      ["src/node.ts", "./bundled/node.js"],
    ]);
    onResolve({ filter: /^\./ }, ({ path, resolveDir, importer }) => {
      const file = relative(".", resolve(resolveDir, path)).replaceAll("\\", "/");
      if (!file.startsWith("src/") || file.startsWith("src/cli/")) return undefined;
      const neighbour = neighbours.get(file);
      if (!neighbour) throw new Error(`buildPackage: ${importer} imports ${file}, which is no entry of the library`);
      return { path: neighbour, external: true };
    });
  },
};

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts") && !path.startsWith("cli/"))
  .concat("engine/board.js")
  .map((path) => `src/${path}`);
await build({
  ...common,
  entryPoints: sources,
  outbase: "src",
  outdir: "dist",
  // Packages as they are for browsers; only src/node/ asks for what Node has.
  platform: "browser",
  external: ["node:*"],
  plugins: [fileByFile],
});
await build({
  ...common,
  entryPoints: entries,
  outdir: "dist/bundled",
  splitting: true,
  platform: "node",
  mainFields: ["module", "main"],
  // `sideEffects` of package.json is for those who import single files of dist.
  ignoreAnnotations: true,
});
await build({
  ...common,
  entryPoints: { cli: "src/cli/main.ts" },
  outdir: "dist",
  platform: "node",
  sourcemap: false,
  // What a command imports when it runs becomes a file of its own, so that the others do not read it.
  splitting: true,
  chunkNames: "cli-[name]-[hash]",
  plugins: [besideLibrary],
  banner: {
    // Bundled CommonJS dependencies ask for Node's own modules by require.
    js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);',
  },
});
chmodSync("dist/cli.js", 0o755);

execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
// Sources import each other as .ts; who reads declarations looks for what lies beside the .js.
for (const path of readdirSync("dist/types", { recursive: true, encoding: "utf8" })) {
  if (!path.endsWith(".d.ts")) continue;
  const file = join("dist/types", path);
  writeFileSync(file, readFileSync(file, "utf8").replace(/(["'])(\.\.?\/[^"'\n]*)\.ts\1/g, "$1$2.js$1"));
}
