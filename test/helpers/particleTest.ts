import type { ParticleOf, SeveralParticleOf } from "../../src/core/particle.ts";
import { type Description, particleChecks } from "./particleChecks.ts";
import { suite, type Test } from "./suite.ts";

/**
 * The suite of one particle: everything that follows from its description, and what `more` adds.
 *
 *     particleTest(reluParticle, {
 *       samples: anyShape().map((shape) => ({ inputs: { input: shape } })),
 *       accuracy: "exact",
 *       avoid: [0],
 *       special: [{ inputs: { input: [-1, 0, 2] }, output: [0, 0, 2], grad: [1, 1, 1], gradients: { input: [0, 0, 1] } }],
 *     });
 */
export function particleTest<Ports extends object, Attributes>(
  particle: ParticleOf<Ports, Attributes> | SeveralParticleOf<Ports, Attributes, object>,
  description: Description<Ports, Attributes>,
  more: (test: Test) => void = () => {},
): void {
  suite(particle.name, (test) => {
    for (const [title, body] of particleChecks(particle, description)) test(title, body);
    more(test);
  });
}
