/** The sources that a particle is made of, as they stand in the repository, with the lines marked that do the step. */

export interface SourceFile {
  readonly path: string;
  readonly lines: readonly SourceLine[];
}

export interface SourceLine {
  readonly number: number;
  readonly text: string;
  readonly marked: boolean;
}

export interface Sources {
  /** What is to be computed: the definition's loops in float64. */
  readonly definition: readonly SourceFile[];
  /** What computes it: the kernels in AssemblyScript. */
  readonly kernels: readonly SourceFile[];
}

type Load = Record<string, () => Promise<string>>;

const declarations: Load = import.meta.glob<string>("../../../src/particles/**/*.ts", {
  query: "?raw",
  import: "default",
});
const assembly: Load = import.meta.glob<string>("../../../assembly/**/*.ts", { query: "?raw", import: "default" });

export async function sourcesOf(name: string): Promise<Sources> {
  const own = Object.keys(declarations).find((path) => path.endsWith(`/${name}.ts`));
  if (own === undefined) return { definition: [], kernels: [] };
  const files = await withImports(own);
  const text = files.get(own)!;
  const defining = /^ {2}definition\b/m.test(text)
    ? [own]
    : [...files.keys()].filter((path) => /\bdefinition\b/.test(files.get(path)!));
  const definition = (defining.length > 0 ? defining : [own]).map((path) => definitionIn(path, files.get(path)!));
  const folder = own.slice(0, own.lastIndexOf("/") + 1);
  const near = [...files]
    .filter(([path]) => path === own || path.startsWith(`${folder}how/`))
    .map(([, source]) => source);
  const called = kernelsIn(near);
  const names = called.length > 0 ? called : kernelsIn([...files.values()]);
  return { definition, kernels: await kernelsNamed(names) };
}

function kernelsIn(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/\bkernels\.(\w+)/g)].map(([, kernel]) => kernel!)))];
}

/** A particle's file and those it shares with its family. */
async function withImports(own: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const visit = async (path: string): Promise<void> => {
    if (files.has(path) || !(path in declarations)) return;
    const text = await declarations[path]!();
    files.set(path, text);
    for (const [, target] of text.matchAll(/from "(\.[^"]+)"/g)) await visit(resolved(path, target!));
  };
  await visit(own);
  return files;
}

function resolved(from: string, target: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === ".." && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

async function kernelsNamed(names: readonly string[]): Promise<SourceFile[]> {
  const files = await Promise.all(
    Object.entries(assembly).map(async ([path, load]): Promise<SourceFile[]> => {
      const text = await load();
      const blocks = names.flatMap((name) => blockAt(text, new RegExp(`^export function ${name}\\b`, "m")));
      return blocks.length > 0 ? [file(path, text, blocks)] : [];
    }),
  );
  return files.flat();
}

function definitionIn(path: string, text: string): SourceFile {
  const blocks = blockAt(text, /^ *definition\b/m);
  return file(path, text, blocks.length > 0 ? blocks : [[0, text.split("\n").length - 1]]);
}

type Lines = readonly [first: number, last: number];

/** The lines of what begins where the pattern fits, with its comment, up to the line that closes it. */
function blockAt(text: string, pattern: RegExp): Lines[] {
  const match = pattern.exec(text);
  if (!match) return [];
  const lines = text.split("\n");
  const start = text.slice(0, match.index).split("\n").length - 1;
  const indent = /^ */.exec(lines[start]!)![0];
  let end = start;
  if (/[{([]\s*$|=>\s*$/.test(lines[start]!)) {
    while (end < lines.length - 1 && !new RegExp(`^${indent}[\\])}]+[;,]?\\s*\\{?$`).test(lines[end + 1]!)) end++;
    end++;
    if (/\{$/.test(lines[end]!)) while (end < lines.length - 1 && !lines[end]!.startsWith(`${indent}}`)) end++;
  }
  let first = start;
  while (first > 0 && /^\s*(\/\*\*|\*|\/\/|@\w)/.test(lines[first - 1]!)) first--;
  return [[first, Math.min(end, lines.length - 1)]];
}

/** The lines of these blocks; in each, those of the innermost loop are marked. */
function file(path: string, text: string, blocks: readonly Lines[]): SourceFile {
  const all = text.split("\n");
  const lines = blocks.flatMap(([first, last]) => {
    const inner = innermost(all.slice(first, last + 1));
    return all
      .slice(first, last + 1)
      .map((line, at) => ({ number: first + at + 1, text: line, marked: inner.has(at) }));
  });
  return { path: path.replace(/^(\.\.\/)+/, ""), lines };
}

/** The loop that lies deepest; without a loop, the lines that compute: those with an arrow or a return. */
function innermost(lines: readonly string[]): Set<number> {
  let deepest = -1;
  let depth = -1;
  lines.forEach((line, at) => {
    const [, indent] = /^( *)(?:for|while) \(/.exec(line) ?? [];
    if (indent !== undefined && indent.length >= depth) {
      if (indent.length > depth) deepest = at;
      depth = indent.length;
    }
  });
  if (deepest < 0) return new Set(lines.flatMap((line, at) => (/=>|\breturn\b/.test(line) ? [at] : [])));
  const marked = new Set([deepest]);
  const indent = " ".repeat(depth);
  for (let at = deepest + 1; at < lines.length && lines[at] !== `${indent}}`; at++) {
    if (!lines[at]!.startsWith(`${indent} `)) break;
    marked.add(at);
  }
  return marked;
}
