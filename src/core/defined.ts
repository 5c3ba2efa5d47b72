/** Definitions of particles of one output and of several, seen alike. */
import type { AnyParticle, Values } from "./particle.ts";

type Inputs = Readonly<Record<string, Values>>;

/** The values of each output by name; one output is named `output`. */
export function definedBy(particle: AnyParticle, at: Inputs, attributes: unknown): Record<string, ArrayLike<number>> {
  if (particle.outputs) return particle.definition(at, attributes) as Record<string, ArrayLike<number>>;
  return { output: particle.definition(at, attributes) };
}

/** The values of all outputs one after the other. */
export function definedInOne(particle: AnyParticle, at: Inputs, attributes: unknown): ArrayLike<number> {
  if (!particle.outputs) return particle.definition(at, attributes);
  const parts = Object.values(particle.definition(at, attributes) as Record<string, ArrayLike<number>>);
  return Float64Array.from(parts.flatMap((part) => Array.from(part)));
}
