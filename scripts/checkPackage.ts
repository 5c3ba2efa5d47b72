/**
 * Checks what `npm publish` would send, after `npm run build`: its files, its `exports` and types by publint and Are the Types Wrong,
 * and a first program in an empty project. `--again FOLDER` compares dist with that of another checkout, built there: they must be equal.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** What may be in it. */
const allowed =
  /^(?:package\.json|README(?:\.zh)?\.md|CHANGELOG\.md|LICENSE|docs\/[\w/.-]+\.(?:md|svg|png)|src\/[\w/.-]+\.(?:ts|js)|dist\/(?!types\/cli\/)[\w/.-]+\.(?:js|js\.map|d\.ts))$/;

const run = (program: string, args: readonly string[], cwd = ".") =>
  execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

const folder = mkdtempSync(join(tmpdir(), "quarkgrad-package-"));
try {
  const [packed] = JSON.parse(
    run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder]),
  ) as Packed[];
  const tarball = join(folder, packed!.filename);
  checkFiles(packed!.files.map(({ path }) => path));
  run("npx", ["publint", "--strict", tarball]);
  run("npx", ["attw", tarball, "--profile", "esm-only", "--quiet"]);
  checkProgram(tarball);
  checkBundle();
  const again = process.argv[process.argv.indexOf("--again") + 1];
  if (process.argv.includes("--again")) checkSame(hashOf("dist"), hashOf(join(resolve(again!), "dist")));
  console.log(`package: ${packed!.files.length} files, ${packed!.size} bytes; dist ${hashOf("dist").slice(0, 16)}`);
} finally {
  rmSync(folder, { recursive: true });
}

function checkFiles(files: readonly string[]): void {
  const strange = files.filter((path) => !allowed.test(path));
  if (strange.length > 0) throw new Error(`package: these files are not to be published: ${strange.join(", ")}`);
  const { exports, bin, dependencies, scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  const named = [...JSON.stringify([exports, bin]).matchAll(/"(?:\.\/)?(dist\/[^"]+)"/g)].map(([, path]) => path!);
  const missing = named.filter((path) => !files.includes(path));
  if (missing.length > 0)
    throw new Error(`package: package.json names files that are not there: ${missing.join(", ")}`);
  if (dependencies) throw new Error(`package: it depends on ${Object.keys(dependencies).join(", ")}`);
  const hooks = Object.keys(scripts).filter((name) => /^(?:pre|post)?install$/.test(name));
  if (hooks.length > 0) throw new Error(`package: it runs ${hooks.join(", ")} at the user's`);
}

/** Installed in an empty project, every entry is there and shares one engine. */
function checkProgram(tarball: string): void {
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  run("npm", ["install", "--no-audit", "--no-fund", "--offline", tarball], folder);
  writeFileSync(
    join(folder, "first.js"),
    `import { optim, setThreads, tensor } from "quarkgrad";
import { Linear } from "quarkgrad/nn";
import { Adam } from "quarkgrad/optim";
import { DataLoader } from "quarkgrad/data";
import { mnist } from "quarkgrad/node";
import { decompose } from "quarkgrad/study";
import { conformance } from "quarkgrad/study/conformance";
import "quarkgrad/methods";

const x = tensor([[1, 2]], { requiresGrad: true });
new Linear(2, 1).forward(x).mul(0).add(x.sum()).backward();
const { threads } = await setThreads(2);
await setThreads(1);
const found = [x.grad.toArray(), threads, optim.Adam === Adam];
for (const entry of [DataLoader, mnist, decompose, conformance]) found.push(typeof entry);
console.log(JSON.stringify(found));
`,
  );
  const printed = run(process.execPath, ["first.js"], folder).trim();
  const wanted = '[[[1,1]],2,true,"function","function","function","function"]';
  if (printed !== wanted) throw new Error(`package: a program in an empty project printed ${printed}, not ${wanted}`);
}

/** Bundled for browsers from the tarball, without configuration, it runs, and has its threads. */
function checkBundle(): void {
  const program = `import { matmul, ones, setThreads } from "quarkgrad";
import "quarkgrad/methods";
const { threads } = await setThreads(2);
console.log(JSON.stringify([matmul(ones([2, 2]), ones([2, 2])).add(1).toArray(), threads]));
await setThreads(1);`;
  writeFileSync(join(folder, "page.js"), program);
  const outfile = join(folder, "bundle.mjs");
  buildSync({ entryPoints: [join(folder, "page.js")], outfile, bundle: true, format: "esm", minify: true });
  rmSync(join(folder, "node_modules"), { recursive: true });
  const printed = run(process.execPath, [outfile], folder).trim();
  if (printed !== "[[[3,3],[3,3]],2]") throw new Error(`package: a bundle printed ${printed}`);
}

/** The SHA-256 of names and contents. */
function hashOf(directory: string): string {
  const hash = createHash("sha256");
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(directory.length));
  for (const path of paths.sort()) hash.update(`${path}\0`).update(readFileSync(join(directory, path)));
  return hash.digest("hex");
}

function checkSame(one: string, other: string): void {
  if (one !== other) throw new Error(`package: dist is not reproducible: ${one} here, ${other} there`);
}
