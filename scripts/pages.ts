/** Where the page of an op lies: `docs/particles/<family>/<op>.md`. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = new URL("../docs/particles/", import.meta.url);
const paths = new Map(
  readdirSync(fileURLToPath(folder), { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .map((path) => [path.replace(/^.*\/|\.md$/g, ""), path] as const),
);

/** The page of `op`, which may not exist yet. */
export function pageOf(op: string): URL {
  return new URL(paths.get(op) ?? `${op}.md`, folder);
}
