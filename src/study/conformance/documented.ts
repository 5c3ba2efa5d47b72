import type { AnyParticle } from "../../core/particle.ts";
import { explain } from "../explain/explain.ts";
import { Mismatch } from "../numbers/compare.ts";

/** Whether a reader learns what the op does: a sentence, a formula, and an example that can be followed by hand. */
export function checkDocumented(particle: AnyParticle): void {
  const { summary, formula, example } = particle;
  if (!formula) throw new Mismatch("there is no formula");
  if (!summary?.endsWith(".")) throw new Mismatch(`the summary must be a sentence, got ${JSON.stringify(summary)}`);
  if (!example) throw new Mismatch("there is no example");
  explain(particle);
}
