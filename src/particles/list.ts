/** Every particle of the library: the only list of them. Whoever does not import it drags none of them along. */
import type { AnyParticle } from "../core/particle.ts";
import * as exported from "./index.ts";

/** All particles, family after family. Tests, benchmarks, files and pages go through it; nothing asks for names. */
export const particles: readonly AnyParticle[] = /* @__PURE__ */ particlesIn(exported);

function particlesIn(family: object): readonly AnyParticle[] {
  return Object.values<unknown>(family as Record<string, unknown>).filter(
    (value): value is AnyParticle =>
      typeof value === "object" && value !== null && "forward" in value && "definition" in value,
  );
}
