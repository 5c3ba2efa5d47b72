/** The library once more, beside the one that is measured: with another copy of a source file, or just as it is. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

type Library = typeof import("../src/index.ts");

/**
 * Bundles the library, with `text` in place of the source file whose path ends in `path`, and loads it with an engine
 * of its own.
 */
export async function variant(replacement?: { readonly path: string; readonly text: string }): Promise<Library> {
  const replaced: Plugin = {
    name: "replaced",
    setup({ onLoad }) {
      if (!replacement) return;
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        path.replaceAll("\\", "/").endsWith(replacement.path)
          ? { contents: replacement.text, loader: "ts" }
          : undefined,
      );
    },
  };
  const folder = mkdtempSync(join(tmpdir(), "quarkgrad-bench-"));
  try {
    const outfile = join(folder, "library.mjs");
    await build({
      entryPoints: [fileURLToPath(new URL("../src/index.ts", import.meta.url))],
      outfile,
      bundle: true,
      format: "esm",
      target: "es2022",
      platform: "neutral",
      mainFields: ["module", "main"],
      // Folds tests of constants away.
      minifySyntax: true,
      ignoreAnnotations: true,
      plugins: [replaced],
    });
    return (await import(pathToFileURL(outfile).href)) as Library;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
