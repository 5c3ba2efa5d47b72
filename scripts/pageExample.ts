import type { AnyParticle } from "../src/core/particle.ts";
import { workedExample } from "../src/study/explain/explain.ts";

const title = "## Worked out by the kernel";

/** The page of an op with the example of its declaration worked out, behind its other example. */
export function withExample(page: string, particle: AnyParticle): string {
  const intro = `The example of the declaration, as \`npx quarkgrad explain ${particle.name}\` shows it; \`--input\` takes other numbers.`;
  const section = `${title}\n\n${intro}\n\n\`\`\`text\n${workedExample(particle)}\n\`\`\`\n\n`;
  const parts = page.split(/^(?=## )/m).filter((part) => !part.startsWith(title));
  const example = parts.findIndex((part) => /^## (?:Worked example|Example)/.test(part));
  if (example < 0) throw new Error(`the page of ${particle.name} has no example`);
  parts.splice(example + 1, 0, section);
  return parts.join("");
}
