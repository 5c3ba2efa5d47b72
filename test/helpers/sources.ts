/** The source files as text, for checks that read them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Source {
  /** From the repository's root: `src/core/tensor.ts`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the insides of strings blanked: as long as the text, with the same lines. */
  readonly code: string;
}

export interface Import {
  readonly from: string;
  /** `src/core/shape.ts`, `node:fs`, `fast-check`. */
  readonly to: string;
  /** Whether nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The paths of the files under `folder` that end so. */
export function filesIn(folder: string, ...endings: readonly string[]): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll("\\", "/"))
    .sort();
}

export function sourcesIn(folder: string): Source[] {
  return filesIn(folder, ".ts", ".js")
    .filter((path) => !path.includes("/generated/"))
    .map((path) => {
      const text = read(path);
      return { path, text, code: blanked(text) };
    });
}

/** What a file imports and re-exports, static and dynamic. */
export function importsOf({ path, text, code }: Source): Import[] {
  const found: Import[] = [];
  const pattern = /^(?:import|export)\b(?<what>[^"';]*?)\bfrom\s*["']|^import\s*["']|\bimport\(\s*["']/gm;
  for (const match of code.matchAll(pattern)) {
    const begin = match.index + match[0].length;
    const specifier = text.slice(begin, text.slice(begin).search(/["']/) + begin);
    const to = specifier.startsWith(".") ? posix.join(dirname(path), specifier) : specifier;
    found.push({ from: path, to, typeOnly: isTypeOnly(match.groups?.what) });
  }
  return found;
}

function isTypeOnly(what: string | undefined): boolean {
  if (what === undefined) return false;
  if (/^\s*type\b/.test(what)) return true;
  const names = /^\s*\{(?<names>[^}]*)\}\s*$/.exec(what)?.groups?.names;
  if (names === undefined) return false;
  const listed = names.split(",").filter((name) => name.trim() !== "");
  return listed.every((name) => /^\s*type\b/.test(name));
}

/** Code, with comments and what strings hold replaced by spaces. Expressions in templates stay. */
export function blanked(text: string): string {
  const out = text.split("");
  const blank = (from: number, to: number) => {
    for (let at = from; at < to; at++) if (out[at] !== "\n") out[at] = " ";
  };
  /** For each template that is open, how many braces are open in its expression. */
  const braces: number[] = [];
  let at = 0;
  const template = () => {
    const begin = at;
    while (at < text.length && text[at] !== "`" && !text.startsWith("${", at)) at += text[at] === "\\" ? 2 : 1;
    blank(begin, at);
    if (text[at] === "`") at++;
    else {
      braces.push(0);
      at += 2;
    }
  };
  while (at < text.length) {
    const character = text[at]!;
    const begin = at;
    if (text.startsWith("//", at)) {
      while (at < text.length && text[at] !== "\n") at++;
      blank(begin, at);
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at);
      at = end < 0 ? text.length : end + 2;
      blank(begin, at);
    } else if (character === '"' || character === "'") {
      for (at++; at < text.length && text[at] !== character; at += text[at] === "\\" ? 2 : 1);
      blank(begin + 1, at);
      at++;
    } else if (
      character === "/" &&
      /(?:[(,=:[&|?{};>]|[(,=:[&|?{};\s]!|return)\s*$/.test(text.slice(Math.max(0, at - 20), at))
    ) {
      let inClass = false;
      for (at++; at < text.length && (inClass || text[at] !== "/"); at += text[at] === "\\" ? 2 : 1) {
        if (text[at] === "[") inClass = true;
        if (text[at] === "]") inClass = false;
      }
      blank(begin + 1, at);
      at++;
    } else if (character === "`") {
      at++;
      template();
    } else if (braces.length > 0 && character === "{") {
      braces[braces.length - 1]!++;
      at++;
    } else if (braces.length > 0 && character === "}") {
      at++;
      if (braces[braces.length - 1] === 0) {
        braces.pop();
        template();
      } else braces[braces.length - 1]!--;
    } else at++;
  }
  return out.join("");
}

/** The lines on which `pattern` matches the code, as `path:line: text`. */
export function occurrences({ path, text, code }: Source, pattern: RegExp): { line: number; shown: string }[] {
  const lines = text.split("\n");
  return [...code.matchAll(pattern)].map(({ index }) => {
    const line = code.slice(0, index).split("\n").length;
    return { line, shown: `${path}:${line}: ${lines[line - 1]!.trim()}` };
  });
}
