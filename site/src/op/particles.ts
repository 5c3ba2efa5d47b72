import * as quarkgrad from "quarkgrad";
import type { PageSection } from "../../plugins/page.ts";

/** A particle of which only what all have is known. */
// biome-ignore lint/suspicious/noExplicitAny: ports and attributes differ from particle to particle
export type Particle = quarkgrad.Particle<any, any, any, any>;

type Load<T> = Record<string, () => Promise<T>>;

const pages: Load<readonly PageSection[]> = import.meta.glob<readonly PageSection[]>(
  "../../../docs/particles/**/*.md",
  {
    query: "?page",
    import: "default",
  },
);

/** Every particle that the library exports and has numbers to show it by. */
export const particles: readonly Particle[] = Object.values(quarkgrad as Record<string, unknown>)
  .filter((value): value is Particle => typeof value === "object" && value !== null && "definition" in value)
  .filter(({ example }) => example !== undefined);

export function particleOf(name: string): Particle | undefined {
  return particles.find((particle) => particle.name === name);
}

/** The particles by family, which is the folder that their pages lie in. */
export function families(): Map<string, Particle[]> {
  const found = new Map<string, Particle[]>();
  for (const particle of particles) {
    const family = /particles\/(?:(\w+)\/)?\w+\.md$/.exec(pagePath(particle.name) ?? "")?.[1] ?? "";
    found.set(family, [...(found.get(family) ?? []), particle]);
  }
  return found;
}

export async function pageOf(name: string): Promise<readonly PageSection[]> {
  const path = pagePath(name);
  return path === undefined ? [] : pages[path]!();
}

function pagePath(name: string): string | undefined {
  return Object.keys(pages).find((path) => path.endsWith(`/${name}.md`));
}
