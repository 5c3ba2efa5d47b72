/** Rules that hold for the whole of the sources, read from the files themselves. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transformSync } from "esbuild";
import * as assert from "uvu/assert";
import type { AnyParticle } from "../src/core/particle.ts";
import * as nn from "../src/nn/index.ts";
import * as particles from "../src/particles/index.ts";
import {
  blanked,
  filesIn,
  type Import,
  importsOf,
  occurrences,
  read,
  type Source,
  sourcesIn,
} from "./helpers/sources.ts";
import { suite } from "./helpers/suite.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = sourcesIn("src");
const imports = sources.flatMap(importsOf);

function none(found: readonly string[], rule: string): void {
  if (found.length > 0) throw new Error(`${rule}\n${found.map((one) => `  ${one}`).join("\n")}`);
}

/** The layers from the lowest up; what stands in one line may import each other, as long as no circle closes. */
const layers: readonly (readonly string[])[] = [
  ["src/errors.ts"],
  ["src/engine/"],
  ["src/core/"],
  ["src/particles/"],
  ["src/functional/"],
  ["src/methods.ts", "src/backwardMethod.ts"],
  ["src/nn/", "src/optim/", "src/data/", "src/io/", "src/metrics/"],
  ["src/study/", "src/models/", "src/training/"],
  ["src/index.ts", "src/withMethods.ts"],
  ["src/node.ts", "src/node/"],
  ["src/cli.ts", "src/cli/"],
];

function layerOf(path: string): number {
  return layers.findIndex((layer) =>
    layer.some((name) => path === name || (name.endsWith("/") && path.startsWith(name))),
  );
}

/** The folder under `src`, or the file where it lies directly in it. */
function partOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}

/** A circle in a graph given by its edges, or nothing. */
function circleIn(edges: readonly (readonly [from: string, to: string])[]): string[] | undefined {
  const next = new Map<string, string[]>();
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (at: string, path: readonly string[]): string[] | undefined => {
    const before = path.indexOf(at);
    if (before >= 0) return [...path.slice(before), at];
    if (done.has(at)) return undefined;
    for (const to of next.get(at) ?? []) {
      const circle = visit(to, [...path, at]);
      if (circle) return circle;
    }
    done.add(at);
    return undefined;
  };
  for (const start of next.keys()) {
    const circle = visit(start, []);
    if (circle) return circle;
  }
  return undefined;
}

suite("imports", (test) => {
  test("every file lies in a layer", () =>
    none(
      sources.map(({ path }) => path).filter((path) => layerOf(path) < 0),
      "These files belong to no layer of the design:",
    ));

  test("run one way", () => {
    const upwards = imports.filter(({ from, to }) => to.startsWith("src/") && layerOf(to) > layerOf(from));
    none(upwards.map(arrow), "An import points to a higher layer:");
  });

  test("name files that exist, with their ending", () => {
    const missing = imports.filter(
      ({ to }) => to.startsWith("src/") && !/\/generated\//.test(to) && !existsSync(`${root}${to}`),
    );
    none(missing.map(arrow), "An import names no file:");
  });

  test("close no circle", () => {
    const real = imports.filter(({ to, typeOnly }) => to.startsWith("src/") && !typeOnly);
    const files = circleIn(real.map(({ from, to }) => [from, to] as const));
    none(files ? [files.join(" → ")] : [], "Files are imported in a circle:");
    const between = real.map(({ from, to }) => [partOf(from), partOf(to)] as const).filter(([from, to]) => from !== to);
    const parts = circleIn(between);
    none(parts ? [parts.join(" → ")] : [], "Folders are imported in a circle:");
    const roomOf = (path: string) => path.split("/").slice(0, -1).join("/");
    const inStudy = real
      .filter(({ from, to }) => [from, to].every((path) => /^src\/study\/\w+\//.test(path)))
      .map(({ from, to }) => [roomOf(from), roomOf(to)] as const)
      .filter(([from, to]) => from !== to);
    const rooms = circleIn(inStudy);
    none(rooms ? [rooms.join(" → ")] : [], "Rooms are imported in a circle:");
    const types = circleIn(
      imports.filter(({ to }) => to.startsWith("src/study/")).map(({ from, to }) => [from, to] as const),
    );
    none(types ? [types.join(" → ")] : [], "Types are imported in a circle:");
  });

  test("close no circle among the kernels", () => {
    const edges = sourcesIn("assembly")
      .flatMap(importsOf)
      .map(({ from, to }) => [from, existsSync(`${root}${to}.ts`) ? `${to}.ts` : `${to}/index.ts`] as const);
    assert.ok(edges.every(([, to]) => existsSync(root + to)));
    const files = circleIn(edges);
    none(files ? [files.join(" → ")] : [], "Kernels are imported in a circle:");
  });

  test("reach node: only from src/node.ts and the command line", () => {
    const node = imports.filter(({ from, to }) => to.startsWith("node:") && layerOf(from) < layerOf("src/node.ts"));
    none(node.map(arrow), "Everything else runs unchanged in a browser:");
  });

  test("need no package at run time but the loader, a hash and a zip, which are bundled", () => {
    const outside = imports.filter(
      ({ from, to, typeOnly }) =>
        !typeOnly &&
        !/^(src\/|node:|@assemblyscript\/loader$|@noble\/hashes\/|fflate$)/.test(to) &&
        layerOf(from) < layerOf("src/node.ts"),
    );
    none(outside.map(arrow), "A package is imported:");
    assert.is(JSON.parse(read("package.json")).dependencies, undefined, "package.json has dependencies");
  });

  test("particles do not import one another, unless they fuse with one or become it", () => {
    const own = new Map(
      Object.values(all).map((particle) => [fileOf("src/particles", `${particle.name}.ts`), particle]),
    );
    const crossing = imports.filter(({ from, to }) => {
      const [reader, other] = [own.get(from), own.get(to)];
      const rules = (reader?.fused ?? []) as readonly { with: AnyParticle; as: AnyParticle }[];
      return reader && other && !rules.some((rule) => rule.with === other || rule.as === other);
    });
    none(crossing.map(arrow), "What two particles share sits in a file beside them:");
  });
});

/** The folder of a particle's file: `convolution`. */
function familyOf(path: string): string {
  return path.split("/")[2]!;
}

/** The file of that name anywhere under `folder`. */
function fileOf(folder: string, name: string): string | undefined {
  return filesIn(folder, name).find((path) => path.endsWith(`/${name}`));
}

function arrow({ from, to }: Import): string {
  return `${from} → ${to}`;
}

const all = Object.fromEntries(
  Object.entries(particles as unknown as Record<string, AnyParticle>).filter(
    ([, value]) => typeof value === "object" && value !== null && "forward" in value && "definition" in value,
  ),
);

suite("particles", (test) => {
  test("there are some", () => assert.ok(Object.keys(all).length > 0));

  test("every particle that is declared is in the list", () => {
    const declared = sources
      .filter(({ path }) => path.startsWith("src/particles/"))
      .flatMap(({ code, path }) =>
        [...code.matchAll(/^export const (\w+): Particle</gm)].map(([, name]) => ({ name: name!, path })),
      );
    none(
      declared.filter(({ name }) => !(name in all)).map(({ name, path }) => `${name} of ${path}`),
      "The index of its family does not export:",
    );
  });

  for (const [exported, particle] of Object.entries(all)) {
    test(`${exported} is complete`, () => {
      const { name } = particle;
      const wrong: string[] = [];
      const want = (right: boolean, what: string) => right || wrong.push(what);
      want(exported === `${name}Particle`, `its name is "${name}", its export ${exported}`);
      want(typeof (particles as Record<string, unknown>)[name] === "function", `no function ${name} is exported`);
      want(particle.formula.length > 0, "no formula");
      want(Array.isArray(particle.keeps), "no list of kept blocks");
      for (const method of ["shape", "forward", "cost", "definition"] as const) {
        want(typeof particle[method] === "function", `no ${method}`);
      }
      const source = fileOf("src/particles", `${name}.ts`);
      const page = fileOf("docs/particles", `${name}.md`);
      const testFile = fileOf("test/particles", `${name}.test.ts`);
      want(source !== undefined, `no src/particles/<family>/${name}.ts`);
      want(page !== undefined, `no docs/particles/<family>/${name}.md`);
      want(testFile !== undefined, `no test/particles/<family>/${name}.test.ts`);
      for (const path of [page, testFile]) {
        want(!source || !path || familyOf(path) === familyOf(source), `${path} lies in another family than ${source}`);
      }
      if (testFile) {
        const text = read(testFile);
        want(new RegExp(`particleTest\\(\\s*${exported}\\b`).test(text), `${testFile} does not call particleTest`);
        want(/\blarge:/.test(text) || particle.shares !== undefined, `${testFile} has no large sample for threads`);
      }
      if (page && !particle.shares) {
        const kernels = read(page).match(/assembly\/[\w/]+\.ts/g) ?? [];
        want(kernels.length > 0, `${page} does not say where the kernel is`);
        for (const kernel of kernels) want(existsSync(root + kernel), `${page} names ${kernel}, which is not there`);
      }
      none(wrong, `${name}:`);
    });
  }

  test("every page and every test belongs to a particle", () => {
    const names = new Set(Object.values(all).map(({ name }) => name));
    const orphans = [...filesIn("docs/particles", ".md"), ...filesIn("test/particles", ".test.ts")].filter(
      (path) => !names.has(path.replace(/^.*\/(\w+)\..*$/, "$1")) && !path.endsWith("/README.md"),
    );
    none(orphans, "No particle bears the name of:");
  });
});

interface Known {
  readonly names: ReadonlySet<string>;
  readonly classes: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
}

/** Where readers of the declarations could know an op by its name, a class, a port or an attribute. */
function namesAskedIn({ path, text, code }: Source, { names, classes, fields }: Known): string[] {
  const found: string[] = [];
  const lineOf = (at: number) => `${path}:${code.slice(0, at).split("\n").length}`;
  for (const { index, 0: blank } of code.matchAll(/"[^"]*"/g)) {
    const literal = text.slice(index + 1, index + blank.length - 1);
    if (names.has(literal)) found.push(`${lineOf(index)}: "${literal}"`);
  }
  const asks =
    /\binstanceof (\w+)|[=!]== (\w+Particle)\b|\b(\w+Particle) [=!]==|(?<=(?<!\.)\.|(?<!\$)\{\s*|,\s*)(\w+)\b/g;
  for (const { index, 0: asked, 1: kind, 2: right, 3: left, 4: field } of code.matchAll(asks)) {
    if (right ?? left ?? (classes.has(kind!) || fields.has(field!))) found.push(`${lineOf(index)}: ${asked}`);
  }
  return found;
}

suite("readers of the declarations", (test) => {
  /** Words that mean other things, too. */
  const general = new Set([
    "input",
    "a",
    "b",
    "axis",
    "shape",
    "reduction",
    "seed",
    "sum",
    "target",
    "value",
    "weight",
  ]);
  for (const word of ["index", "min", "max", "other", "ranges", "stride"]) general.add(word);
  const known = (words: readonly string[]) => new Set(words.filter((word) => !general.has(word)));
  const own = Object.values(all);
  const attributes = (example: unknown) => Object.keys((example as { attributes?: object })?.attributes ?? {});
  const fields = known(own.flatMap(({ example }) => [...Object.keys(example?.inputs ?? {}), ...attributes(example)]));
  const classes = new Set(Object.keys(nn).filter((name) => !["Module", "Parameter", "Buffer"].includes(name)));
  const kinds = own.flatMap(({ kernels }) => (kernels ? [kernels.kind] : []));
  const names = known([...own.map(({ name }) => name), ...fields, ...classes, ...kinds]);
  const everything = { names, classes, fields };

  test("ask for no op, class, port, attribute or kind of kernel by its name", () => {
    const readers = [...sourcesIn("src/study"), ...sourcesIn("src/cli"), ...sourcesIn("bench")];
    const asked = readers
      // Those call ops, and other engines', with arguments of their own.
      .filter(({ path }) => !path.startsWith("bench/compare/") && path !== "bench/standard.ts")
      .flatMap((source) => namesAskedIn(source, everything));
    none(asked, "What differs between ops is a field of the declaration:");
  });

  test("that check sees what it should", () => {
    const probe = (text: string) => namesAskedIn({ path: "x.ts", text, code: blanked(text) }, everything).length;
    assert.is(probe('if (particle.name === "conv2d") x = at["bias"];'), 2);
    assert.is(probe("const { groups = 1 } = attributes; const step = attributes.dilation;"), 2);
    assert.is(probe("const y = particle === matmulParticle || module instanceof Conv2d;"), 2);
    assert.is(probe('const kind = "filter"; // "relu"'), 1);
    assert.is(probe('throw new ShapeError("conv2d is one word of these"); x instanceof ShapeError;'), 0);
  });
});

/** Of the numbers of lines, those in a particle's `definition`, or in a function whose comment calls it part of one. */
function definitionLines({ text }: Source): Set<number> {
  const inside = new Set<number>();
  const lines = text.split("\n");
  for (let line = 0; line < lines.length; line++) {
    const member = /^ {2}definition\b/.test(lines[line]!);
    const begins = /^(?:export )?(?:function|const) /.test(lines[line]!);
    if (!member && !(begins && /definition/i.test(commentAbove(lines, line)))) continue;
    const end = member ? /^ {2}[}\])]*[;,]?$|^ {2}\S.*,$/ : /^[}\])]+;?$|^\S.*;$/;
    inside.add(line + 1);
    const single = end.test(lines[line]!) && !/[{([]$/.test(lines[line]!);
    for (; !single && line < lines.length - 1 && !end.test(lines[line + 1]!); line++) inside.add(line + 2);
  }
  return inside;
}

function commentAbove(lines: readonly string[], line: number): string {
  let first = line;
  while (first > 0 && /^(\/\*\*|\s\*|\/\/)/.test(lines[first - 1]!)) first--;
  return lines.slice(first, line).join("\n");
}

const transcendental =
  /\bMath\.(?:a?cosh?|a?sinh?|a?tanh?|atan2|cbrt|expm?1?|hypot|log(?:10|1p|2)?|pow|random)\b|\bMath\[/g;
const powerOfLiterals = /(?<![\w.])\d+n? \*\* \(?-?\d+n?(?![\w.])/g;

/** Where a number may come to be that differs between machines, outside of definitions. */
function inexactIn(source: Source): string[] {
  const allowed = source.path.startsWith("src/particles/") ? definitionLines(source) : new Set<number>();
  const code = source.code.replace(powerOfLiterals, (literal) => " ".repeat(literal.length));
  return [...occurrences(source, transcendental), ...occurrences({ ...source, code }, /\*\*/g)]
    .filter(({ line }) => !allowed.has(line))
    .map(({ shown }) => shown);
}

suite("the same bits everywhere", (test) => {
  test("no function whose bits differ between machines touches a number outside of definitions", () => {
    none(
      sources.flatMap(inexactIn),
      "Math's transcendental functions and ** differ between runtimes; kernels have their own. The comment of a helper of a definition says so:",
    );
  });

  test("that check sees what it should", () => {
    const probe = (text: string) => inexactIn({ path: "src/particles/x.ts", text, code: blanked(text) }).length;
    assert.is(probe("const x = Math.exp(1);"), 1);
    assert.is(probe("const x = Math.tanh(a) + Math.log1p(b) * Math.pow(c, d);"), 3);
    assert.is(probe("const x = beta ** step;"), 1);
    assert.is(probe("const x = 2 ** step;"), 1);
    assert.is(probe("const x = 2 ** -24 + 2n ** 64n + Math.sqrt(3) + Math.floor(4);"), 0);
    assert.is(probe("const x = y[0]! / sum;\n/** Math.exp */\nconst z = a / b; // Math.exp / 2"), 0);
    assert.is(probe("if (!/Math.exp(/.test(x) && x) y = Math.exp(1);"), 1);
    assert.is(probe("// Math.exp\n/* Math.exp */ const x = `Math.exp`;"), 0);
    assert.is(probe(["const x = `", "{Math.exp(1)}`;"].join("$")), 1);
    assert.is(probe("const p = {\n  definition: ({ x }) => map(x, Math.exp),\n  cost: () => Math.exp(1),\n};"), 1);
    assert.is(
      probe("const p = {\n  definition({ x }) {\n    return Math.exp(1);\n  },\n  cost: () => Math.exp(1),\n};"),
      1,
    );
    assert.is(
      probe("/** Part of the definition. */\nfunction f() {\n  return Math.exp(1);\n}\nconst x = Math.exp(1);"),
      1,
    );
    assert.is(probe("/** The erf of the definition. */\nconst f = () => Math.exp(1);\nconst x = Math.exp(1);"), 1);
  });

  test("no kernel uses an operation that is not the same everywhere", () => {
    const found = sourcesIn("assembly").flatMap((source) =>
      occurrences(source, /\brelaxed_\w+|\bMathf?\.|\bf32x4\.(?:min|max)\b|\bNativeMathf?\b/g),
    );
    none(
      found.map(({ shown }) => shown),
      "No relaxed SIMD, no Math, no f32x4.min or max:",
    );
  });
});

suite("memory", (test) => {
  /** A buffer, or a view of it, kept in a variable that outlives a growth of the memory. */
  const cached =
    /(?:=|return)\s*[\w.()#]*\bmemory\.buffer\s*;|^(?:export )?(?:const|let)[^=]*=\s*new \w+\([\w.()]*memory\.buffer|^\s+(?:readonly )?#?\w+(?::[^=\n]*)? = new \w+\([\w.()]*memory\.buffer/gm;

  test("no view of it is kept", () => {
    const found = sources
      .filter(({ path }) => !path.endsWith("worker.js"))
      .flatMap((source) => occurrences(source, cached))
      .filter(({ shown }) => !/^\S+ (?:const|let) /.test(shown) || /buffer;$/.test(shown));
    none(
      found.map(({ shown }) => shown),
      "Memory that grows detaches its buffer; take it from the memory each time:",
    );
  });
});

suite("errors", (test) => {
  test("are of the library's own classes", () => {
    const found = sources
      .filter(({ path }) => !path.startsWith("src/cli") && path !== "src/engine/worker.js")
      .flatMap((source) => occurrences(source, /\bthrow new (?:Error|TypeError|RangeError)\b/g));
    none(
      found.map(({ shown }) => shown),
      "Callers catch errors by the classes of src/errors.ts:",
    );
  });
});

suite("options", (test) => {
  /** Options taken apart in a signature are not looked at: a misspelt one would be its default in silence. */
  const unread = /\}: [^()\n]*= \{\}[,)]/g;
  const wrong = (source: Source) => occurrences(source, unread);

  test("are read by readOptions", () => {
    const layers = ["src/core/", "src/particles/", "src/functional/", "src/nn/", "src/optim/", "src/data/"];
    const found = sources
      .filter(({ path }) => layers.some((layer) => path.startsWith(layer)) && path !== "src/core/options.ts")
      .flatMap(wrong);
    none(
      found.map(({ shown }) => shown),
      "Take `options?: …` and read them with readOptions of src/core/options.ts:",
    );
  });

  test("that check sees what it should", () => {
    const probe = (text: string) => wrong({ path: "src/nn/x.ts", text, code: blanked(text) }).length;
    assert.is(probe("export function f(x: Tensor, { a = 1 }: Partial<A> = {}): Tensor {"), 1);
    assert.is(probe("export function f(x: Tensor, options?: number | Partial<A>): Tensor {"), 0);
  });
});

suite("repository", (test) => {
  test("comments have lines of at most 120 columns", () => {
    const folders = ["src/study", "src/cli"];
    const long = folders.flatMap(sourcesIn).flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, at) => {
        return [...line].length > 120 && /^\s*(?:\/?\*|\/\/)/.test(line) ? [`${path}:${at + 1}`] : [];
      }),
    );
    none(long, "Fold:");
  });

  test("every kernel file is compiled", () => {
    const listed = importsOf({
      path: "assembly/index.ts",
      text: read("assembly/index.ts"),
      code: blanked(read("assembly/index.ts")),
    });
    const reached = new Set(
      sourcesIn("assembly")
        .flatMap(importsOf)
        .map(({ to }) => `${to}.ts`),
    );
    for (const { to } of sourcesIn("assembly").flatMap(importsOf)) reached.add(`${to}/index.ts`);
    // Compiled with each family.
    reached.add("assembly/how/heapBase.ts");
    const forgotten = filesIn("assembly", ".ts").filter((path) => path !== "assembly/index.ts" && !reached.has(path));
    assert.ok(listed.length > 0);
    none(forgotten, "The index of its family does not export:");
  });

  test("the lockfile names no addresses", () => {
    none(read("package-lock.json").match(/"resolved": .*/g) ?? [], "npm has to be run with the project's .npmrc:");
  });

  test("every test makes its suites with helpers/suite.ts", () => {
    const files = filesIn("test", ".test.ts").filter((path) => !/helpers\/(suite|particleTest)\.ts"/.test(read(path)));
    none(files, "A suite of uvu itself does not run unless told, and checks no memory:");
  });
});

suite("documentation", (test) => {
  const pages = ["README.md", ...filesIn("docs", ".md")].filter((path) => existsSync(root + path));

  for (const path of pages) {
    const blocks = [...read(path).matchAll(/^```ts run\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```$)?/gm)];
    for (const [index, [, code, output]] of blocks.entries()) {
      test(`${path}, block ${index}, runs${output === undefined ? "" : " and prints what follows"}`, async () => {
        const printed = await run(code!, `${path.replace(/\W/g, "_")}_${index}`);
        if (output !== undefined) assert.is(printed, output);
      });
    }
  }

  test("links lead somewhere", () => {
    const broken = pages.flatMap((path) =>
      [...read(path).matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)]
        .map(([, target]) => target!)
        .filter((target) => !existsSync(new URL(target, pathToFileURL(root + path))))
        .map((target) => `${path} → ${target}`),
    );
    none(broken, "A link leads nowhere:");
  });

  test("there are pages", () => assert.ok(pages.length > 0));
});

/** A page's program ends with its process; here what it calls model and optimizer is given back. */
const cleanup = `
if (typeof optimizer !== "undefined") optimizer.dispose();
if (typeof model !== "undefined") model.dispose();
`;

/** Runs a block of a page, with the package's name leading to the sources; returns what it printed. */
async function run(code: string, name: string): Promise<string> {
  const folder = `${root}build/pages/`;
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${name}_${process.pid}.js`;
  const { code: script } = transformSync(code + cleanup, { loader: "ts" });
  // The modules as this test has them.
  const source = (entry: string) => `"${import.meta.resolve(`../src/${entry}.js`)}"`;
  writeFileSync(
    file,
    script.replaceAll('"quarkgrad"', source("withMethods")).replaceAll('"quarkgrad/node"', source("node")),
  );
  const printed: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => printed.push(values.map(String).join(" "));
  try {
    await import(pathToFileURL(file).href);
  } finally {
    console.log = log;
    rmSync(file);
  }
  return printed.map((line) => `${line}\n`).join("");
}
