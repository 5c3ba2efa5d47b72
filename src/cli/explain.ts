/** `quarkgrad explain OP`: what an op does, on numbers that can be followed by hand. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { Command } from "commander";
import { particles, study } from "../index.ts";
import { UsageError } from "./usage.ts";

interface ExplainFlags {
  readonly input?: string;
  readonly attributes?: string;
}

type AnyParticle = (typeof particles)[number];

export function explainCommand(): Command {
  return new Command("explain")
    .description(
      "Shows what an op does: formula, shapes, an example computed by the real kernel with the arithmetic of each element, the gradient beside central differences, edges, cost.",
    )
    .argument("<op>", `one of ${names}`)
    .option("--input <json>", 'own numbers: an array for the first input, or {"input": [[1, 2]], "weight": …}')
    .option("--attributes <json>", 'own attributes, such as {"stride": [2, 2]}')
    .action(run);
}

const names = particles.map(({ name }) => name).join(", ");

function run(op: string, { input, attributes }: ExplainFlags): void {
  const particle = particles.find(({ name }) => name === op);
  if (!particle) throw new UsageError(`there is no op ${op}; there are ${names}`);
  const page = pageOf(op);
  const text = study.explain(particle, {
    ...(input !== undefined && { inputs: inputsFrom(particle, parsed("--input", input)) }),
    ...(attributes !== undefined && { attributes: parsed("--attributes", attributes) as Record<string, unknown> }),
    ...(page !== undefined && { page }),
  });
  process.stdout.write(text);
}

function parsed(option: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new UsageError(`${option}: ${json} is no JSON`);
  }
}

type Inputs = NonNullable<study.ExplainOptions["inputs"]>;

function inputsFrom(particle: AnyParticle, value: unknown): Inputs {
  const ports = Object.keys(particle.example?.inputs ?? { input: 1 });
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { [ports[0]!]: value } as Inputs;
  }
  return value as Inputs;
}

/** The op's page, which lies beside the command in the package as in the sources. */
function pageOf(op: string): string | undefined {
  const folders = ["../docs/particles/", "../../docs/particles/"].map((path) => new URL(path, import.meta.url));
  const folder = folders.find((url) => existsSync(url));
  if (!folder) return undefined;
  const page = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((path) => basename(path) === `${op}.md`);
  return page && readFileSync(new URL(page.replaceAll("\\", "/"), folder), "utf8");
}
