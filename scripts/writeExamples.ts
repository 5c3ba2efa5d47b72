/** `npm run docs:examples`: writes the worked-out example of every op into its page. */
import { readFileSync, writeFileSync } from "node:fs";
import { particles } from "../src/particles/list.ts";
import { withExample } from "./pageExample.ts";
import { pageOf } from "./pages.ts";

for (const particle of particles) {
  const path = pageOf(particle.name);
  const page = readFileSync(path, "utf8");
  const written = withExample(page, particle);
  if (written === page) continue;
  writeFileSync(path, written);
  console.log(`${particle.name}.md`);
}
