/** The suite that every particle of the library passes, for the particles of users. */
import type { AnyParticle, ParticleOf, SeveralParticleOf } from "../../core/particle.ts";
import { QuarkError } from "../../errors.ts";
import { inputsOf } from "../numbers/gradcheck.ts";
import { everyListed } from "./cases.ts";
import { type ConformanceCheck, checksOf } from "./checks.ts";
import type { AnyClaims, AnySample, Claims, Given, Sample } from "./claims.ts";
import { Subject } from "./subject.ts";

export interface ConformanceOptions<Ports extends object, Attributes> extends Claims<Ports, Attributes> {
  /**
   * What to try: of each port its shape, to be filled with numbers of several kinds, or the numbers themselves. Small
   * ones, since definitions are slow. By default the particle's example, as it is and with other numbers.
   */
  readonly samples?: readonly Sample<Ports, Attributes>[];
  /** How often each sample is filled anew, in each way. 3 by default. */
  readonly seeds?: number;
}

export interface Conformance {
  /** The particle's name. */
  readonly particle: string;
  /** Whether every check passed. */
  readonly ok: boolean;
  readonly checks: readonly {
    readonly title: string;
    readonly ok: boolean;
    /** Where it failed, with the values. */
    readonly detail?: string;
  }[];
}

/**
 * The checks that `conformance` runs, one by one, for the suite of a test runner:
 *
 *     for (const { title, run } of study.conformanceChecks(cubeParticle)) test(title, run);
 *
 * @throws QuarkError where there are neither samples nor an example.
 */
export function conformanceChecks<Ports extends object, Attributes>(
  particle: ParticleOf<Ports, Attributes> | SeveralParticleOf<Ports, Attributes, object>,
  { samples, seeds = 3, ...claims }: ConformanceOptions<Ports, Attributes> = {},
): readonly ConformanceCheck[] {
  const subject = new Subject(particle as AnyParticle, claims as unknown as AnyClaims);
  const tried = (samples as readonly AnySample[] | undefined) ?? samplesOfExample(particle as AnyParticle);
  return checksOf(subject, everyListed(tried, seeds), tried);
}

/**
 * Runs everything that a particle of the library has to satisfy and reports what it found:
 *
 * - the output has the shape of the shape rule and, within `accuracy`, the values of the definition, on integers,
 *   reals, many powers of two, and with NaN, infinities, −0 and denormals planted; computed again it has the same bits
 * - every element that has to be written is; inputs, and what backward only reads, stay as they are
 * - the gradient of every float32 port equals central differences of the definition, also where it is wanted alone; a
 *   second backward adds the same bits; zeros arriving give zeros; without a backward no gradient flows
 * - attributes that the caller changes after the op returned change no gradient
 * - nothing stays behind in memory, also when the first, second, … block is refused
 * - what the options claim besides: `batch`, `large` (threads), `special`, `refuses`, `errors`, `documented`
 *
 * Writes outside of blocks are found where `debugMemory()` was called before the first tensor was made.
 *
 * @throws QuarkError where there are neither samples nor an example.
 */
export async function conformance<Ports extends object, Attributes>(
  particle: ParticleOf<Ports, Attributes> | SeveralParticleOf<Ports, Attributes, object>,
  options: ConformanceOptions<Ports, Attributes> = {},
): Promise<Conformance> {
  const checks: { title: string; ok: boolean; detail?: string }[] = [];
  for (const { title, run } of conformanceChecks(particle, options)) {
    try {
      await run();
      checks.push({ title, ok: true });
    } catch (error) {
      checks.push({ title, ok: false, detail: error instanceof Error ? error.message : String(error) });
    }
  }
  return { particle: particle.name, ok: checks.every(({ ok }) => ok), checks };
}

/**
 * Runs `conformance`.
 *
 * @throws QuarkError that names every check that failed, with its detail.
 */
export async function assertConformance<Ports extends object, Attributes>(
  particle: ParticleOf<Ports, Attributes> | SeveralParticleOf<Ports, Attributes, object>,
  options: ConformanceOptions<Ports, Attributes> = {},
): Promise<void> {
  const { checks } = await conformance(particle, options);
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length === 0) return;
  const list = failed.map(({ title, detail = "" }) => `${title}\n${detail.replace(/^/gm, "  ")}`);
  throw new QuarkError(
    `${particle.name}: ${failed.length} of ${checks.length} checks of conformance failed\n\n${list.join("\n\n")}`,
  );
}

/** The example as it is, and with its float32 numbers drawn. */
function samplesOfExample(particle: AnyParticle): AnySample[] {
  const { name, example } = particle;
  if (!example) throw new QuarkError(`${name}: there is no example to try; give samples`);
  const { attributes } = example;
  const inputs = inputsOf(particle, example);
  const drawn: Record<string, Given> = {};
  for (const [port, values] of Object.entries(inputs)) drawn[port] = values.dtype === "float32" ? values.shape : values;
  return [
    { inputs, attributes },
    { inputs: drawn, attributes },
  ] as unknown as AnySample[];
}
