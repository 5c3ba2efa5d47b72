import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "vite";

/** Writes `worker/offline.js` into the built site, with the list of its files, so that it opens without a network after the first visit. */
export function offline(): Plugin {
  let folder = "";
  return {
    name: "offline",
    apply: "build",
    configResolved({ build }) {
      folder = build.outDir;
    },
    closeBundle() {
      const files = filesIn(folder).filter((file) => !/\.(ttf|woff)$|offline\.js$/.test(file));
      const edition = `${Date.now()}`;
      const script = readFileSync(new URL("./offline.worker.js", import.meta.url), "utf8");
      writeFileSync(
        join(folder, "offline.js"),
        script.replace("EDITION", edition).replace('"FILES"', JSON.stringify(JSON.stringify(["./", ...files]))),
      );
    },
  };
}

function filesIn(folder: string, root = folder): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path, root) : [relative(root, path)];
  });
}
