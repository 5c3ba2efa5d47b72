/** `npm run docs:examples`: writes the worked-out example of every op into its page. */
import { readFileSync, writeFileSync } from "node:fs";
import type { AnyParticle } from "../src/core/particle.ts";
import * as exported from "../src/particles/index.ts";
import { withExample } from "./pageExample.ts";
import { pageOf } from "./pages.ts";

for (const value of Object.values(exported) as unknown[]) {
  if (typeof value !== "object" || value === null || !("definition" in value)) continue;
  const particle = value as AnyParticle;
  const path = pageOf(particle.name);
  const page = readFileSync(path, "utf8");
  const written = withExample(page, particle);
  if (written === page) continue;
  writeFileSync(path, written);
  console.log(`${particle.name}.md`);
}
