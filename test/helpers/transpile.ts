/** Sources and tests as JavaScript in `build/test`, in the folders they come from, so that no process compiles them again. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { filesIn } from "./sources.ts";

const folder = "build/test";

/** The JavaScript of a source file; both paths begin at the repository's root. */
export function transpiled(file: string): string {
  return join(folder, file.replace(/\.ts$/, ".js"));
}

/** Transpiles file by file and bundles nothing: what a test imports is the module that all others import. */
export async function transpile(): Promise<void> {
  await build({
    entryPoints: ["bench", "scripts", "site", "src", "test"].flatMap((part) => filesIn(part, ".ts", ".js")),
    outbase: ".",
    outdir: folder,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    sourcesContent: false,
    define: { "import.meta.url": "sourceUrl" },
    // Without it no plugin is asked. All that is imported is external.
    bundle: true,
    plugins: [
      {
        name: "file by file",
        setup({ onLoad, onResolve }) {
          onResolve({ filter: /./ }, ({ kind, path }) =>
            kind === "entry-point"
              ? { path: resolve(path) }
              : { path: path.startsWith(".") ? path.replace(/\.ts$/, ".js") : path, external: true },
          );
          // A module looks for its data beside its source.
          onLoad({ filter: /\.[jt]s$/ }, ({ path }) => ({
            contents: `const sourceUrl = "${pathToFileURL(path)}"; ${readFileSync(path, "utf8")}`,
            loader: path.endsWith(".ts") ? "ts" : "js",
          }));
        },
      },
    ],
  });
}
