/**
 * Builds what is published: `dist/index.js` (the library, one module), `dist/node.js` (what touches files, on top of it),
 * `dist/cli.js` (the command line with its dependencies inside), `dist/worker.js` (what a thread runs) and `dist/types/`.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { type BuildOptions, build, type Plugin } from "esbuild";

rmSync("dist", { recursive: true, force: true });

/** The library is bundled once; everything else imports it as a neighbour, so that there is one engine and one `Tensor`. */
const besideIndex: Plugin = {
  name: "beside-index",
  setup({ onResolve }) {
    onResolve({ filter: /(^|\/)index\.ts$/ }, ({ path, importer, kind }) =>
      kind !== "entry-point" && /src\/(node\.ts|node\/|cli\/)/.test(importer) && /^(\.\.?\/)+index\.ts$/.test(path)
        ? { path: "./index.js", external: true }
        : undefined,
    );
  },
};

const common: BuildOptions = {
  bundle: true,
  format: "esm",
  target: "es2022",
  outdir: "dist",
  legalComments: "none",
  // Our own `sideEffects: false` speaks of the bundle; inside it, methods.ts has the effect of equipping Tensor.
  ignoreAnnotations: true,
};

await build({ ...common, entryPoints: { index: "src/index.ts" }, platform: "neutral", mainFields: ["module", "main"] });
await build({ ...common, entryPoints: { node: "src/node.ts" }, platform: "node", plugins: [besideIndex] });
await build({
  ...common,
  entryPoints: { cli: "src/cli/main.ts" },
  platform: "node",
  // What a command imports when it runs becomes a file of its own, so that the others do not read it.
  splitting: true,
  chunkNames: "cli-[name]-[hash]",
  ignoreAnnotations: false,
  plugins: [besideIndex],
  banner: {
    // Bundled CommonJS dependencies ask for Node's own modules by require.
    js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);',
  },
});
await build({ ...common, entryPoints: { worker: "src/engine/worker.js" }, platform: "neutral" });
chmodSync("dist/cli.js", 0o755);
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
