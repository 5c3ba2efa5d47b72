/**
 * The checks of the conformance suite on drawn samples, which a failure makes smaller, and the golden vectors. What runs the checks is
 * no concern of this file.
 */
import fc from "fast-check";
import { definedBy } from "../../src/core/defined.ts";
import type { AnyParticle, ParticleOf, SeveralParticleOf } from "../../src/core/particle.ts";
import { shapesFor } from "../../src/core/plans.ts";
import {
  type Case,
  describe,
  type EveryCase,
  failure,
  leavingNothing,
  named,
} from "../../src/study/conformance/cases.ts";
import { checksOf } from "../../src/study/conformance/checks.ts";
import type { Accuracy, AnyClaims, AnySample, Claims, Sample } from "../../src/study/conformance/claims.ts";
import { gradientTolerances } from "../../src/study/conformance/gradients.ts";
import { checkOutputs, tolerances } from "../../src/study/conformance/nearness.ts";
import { Subject } from "../../src/study/conformance/subject.ts";
import { bound } from "../../src/study/numbers/compare.ts";
import { type Inputs, rounded, shapesOf, tensorsOf } from "../../src/study/numbers/inputs.ts";
import type { Fill } from "../../src/study/numbers/values.ts";
import { type Golden, loadGolden } from "./golden.ts";

export { expectError } from "../../src/study/conformance/errors.ts";

export interface Description<Ports extends object, Attributes> extends Claims<Ports, Attributes> {
  /** Shapes (or values) and attributes to try. Keep the outputs small: a definition is slow. */
  readonly samples: fc.Arbitrary<Sample<Ports, Attributes>>;
  /** Samples that are tried in any case, before the random ones. */
  readonly always?: readonly Sample<Ports, Attributes>[];
  readonly accuracy: Accuracy<Attributes>;
  /** Random cases by default; 300 if not given. CASES in the environment overrules it. */
  readonly cases?: number;
}

export type Check = readonly [title: string, body: () => void | Promise<void>];

export function particleChecks<Ports extends object, Attributes>(
  particle: ParticleOf<Ports, Attributes> | SeveralParticleOf<Ports, Attributes, object>,
  { samples: arbitrary, always = [], cases = 300, ...claims }: Description<Ports, Attributes>,
): Check[] {
  const { name } = particle;
  const subject = new Subject(particle as AnyParticle, claims as unknown as AnyClaims);
  const samples = arbitrary as unknown as fc.Arbitrary<AnySample>;
  const listed = always as unknown as readonly AnySample[];
  const exhausted = [...listed.slice(0, 1), ...fc.sample(samples, { seed: seedOf(name), numRuns: 3 })];
  const checks = checksOf(subject, drawn(name, samples, listed, cases), exhausted);
  const golden = loadGolden(name);
  return [
    ...checks.map(({ title, run }): Check => [title, run]),
    ...(golden.length > 0 ? [goldenCheck(subject, golden)] : []),
  ];
}

/** Runs a body on the listed samples and on random ones; on failure says how to repeat it. */
function drawn(name: string, samples: fc.Arbitrary<AnySample>, always: readonly AnySample[], cases: number): EveryCase {
  return (fills, share, body) => {
    for (const [index, sample] of always.entries()) {
      for (const fill of new Set([fills[0]!, fills[index % fills.length]!])) {
        const one: Case = { sample, fill, seed: index + 1 };
        named(`${name}, listed sample ${index}: ${describe(one)}`, () => body(one));
      }
    }
    const seed = process.env.SEED === undefined ? seedOf(name) : Number(process.env.SEED);
    const numRuns = Math.ceil(Number(process.env.CASES ?? cases) / share);
    const property = fc.property(samples, fc.constantFrom<Fill>(...fills), fc.nat(), (sample, fill, valueSeed) =>
      leavingNothing(() => body({ sample, fill, seed: valueSeed })),
    );
    const { failed, counterexample, errorInstance, numRuns: done } = fc.check(property, { seed, numRuns });
    if (!failed) return;
    const again = `SEED=${seed} CASES=${numRuns * share} npm test -- ${name}`;
    if (!counterexample) throw new Error(`${name}: the samples cannot be drawn (${again})`);
    const [sample, fill, valueSeed] = counterexample;
    const where = describe({ sample, fill, seed: valueSeed });
    throw failure(errorInstance, `${name}, case ${done} of ${numRuns}, made smaller: ${where}\nagain with: ${again}`);
  };
}

function goldenCheck(subject: Subject, golden: readonly Golden[]): Check {
  return [
    `${golden.length} golden cases`,
    () => {
      for (const [index, one] of golden.entries()) named(`golden case ${index}`, () => checkGolden(subject, one));
    },
  ];
}

function checkGolden(subject: Subject, one: Golden): void {
  const { inputs: recorded, attributes = undefined, grad, gradients } = one;
  const expected = one.outputs ?? { output: one.output! };
  const { particle } = subject;
  const inputs: Inputs = {};
  for (const port in recorded) inputs[port] = rounded(recorded[port]!, recorded[port]!.dtype);
  const shapes = shapesFor(particle, shapesOf(inputs), attributes);
  const defined = definedBy(particle, inputs, attributes);
  for (const [name, wanted] of Object.entries(expected)) {
    const made = { shape: shapes[name]!, data: defined[name]! };
    bound(made, wanted, tolerances(wanted.data, 1e-10, 1e-10), `the definition of ${name}`);
  }
  checkOutputs(subject, subject.outputs(tensorsOf(inputs), attributes), inputs, attributes, "reals", expected);
  const named = one.grads ?? (grad ? { output: grad } : undefined);
  if (!named || !gradients) return;
  const arriving = Object.fromEntries(
    Object.entries(named).map(([name, values]) => [name, rounded(values, "float32")]),
  );
  const found = subject.gradients(inputs, attributes, arriving, Object.keys(gradients));
  const differences = subject.differences(inputs, attributes, arriving);
  for (const port in gradients) {
    const wanted = gradients[port]!;
    const { scale, terms } = differences.all(port);
    const allowed = gradientTolerances(subject, wanted.data, scale, terms, differences.noise);
    bound({ shape: inputs[port]!.shape, data: found[port]! }, wanted, allowed, `gradient of ${port}`);
  }
}

/** A seed for each op that does not depend on the others. */
function seedOf(name: string): number {
  let hash = 17;
  for (const letter of name) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return hash;
}
