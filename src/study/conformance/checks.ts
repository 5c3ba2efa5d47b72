/** From what is claimed of a particle, every check it has to pass. What runs them is no concern of this file. */
import type { EveryCase } from "./cases.ts";
import { named } from "./cases.ts";
import type { AnySample } from "./claims.ts";
import { checkDocumented } from "./documented.ts";
import { checkRefusal, expectEarlyError } from "./errors.ts";
import { checkExhaustion } from "./exhaustion.ts";
import { checkForward } from "./forward.ts";
import { checkGradients } from "./gradients.ts";
import { checkBatch, checkThreads } from "./independence.ts";
import { checkPrivacy } from "./privacy.ts";
import { checkNoGradient, checkRepeats } from "./repeats.ts";
import { checkRow } from "./rows.ts";
import type { Subject } from "./subject.ts";

/** One thing that a particle has to satisfy: a title, and a body that throws where it does not. */
export interface ConformanceCheck {
  readonly title: string;
  readonly run: () => void | Promise<void>;
}

/** Cases are had from `everyCase`; on `samples`, memory runs out at any point. */
export function checksOf(subject: Subject, everyCase: EveryCase, samples: readonly AnySample[]): ConformanceCheck[] {
  const { particle, claims } = subject;
  const checks: ConformanceCheck[] = [];
  const add = (title: string, run: ConformanceCheck["run"]) => checks.push({ title, run });
  add("forward equals its definition", () => checkForward(subject, everyCase));
  if (particle.backward) {
    add("gradients equal differences of the definition", () => checkGradients(subject, everyCase));
    add("gradients accumulate, repeat and vanish with the gradient that arrives", () =>
      checkRepeats(subject, everyCase),
    );
    add("backward reads nothing of the caller's", () => checkPrivacy(subject, everyCase));
  } else add("no gradient flows", () => checkNoGradient(subject, everyCase));
  add("running out of memory at any point leaves nothing behind", () => checkExhaustion(subject, samples));
  if (claims.batch) add("a sample's bits do not depend on its batch", () => checkBatch(subject, everyCase));
  if (claims.large) add("the bits do not depend on the number of threads", () => checkThreads(subject));
  const { special: rows = [], refuses = [], errors = [] } = claims;
  const each =
    <T>(what: string, list: readonly T[], check: (one: T) => void) =>
    () => {
      for (const [index, one] of list.entries()) named(`${what} ${index}`, () => check(one));
    };
  if (rows.length > 0) {
    add(
      `${rows.length} rows of special values`,
      each("row", rows, (row) => checkRow(subject, row)),
    );
  }
  if (refuses.length > 0) {
    add(
      `${refuses.length} inputs that are refused`,
      each("input", refuses, (one) => checkRefusal(subject, one)),
    );
  }
  for (const [body, kind, message] of errors) {
    add(`error: ${message}`, () => expectEarlyError(particle.name, body, kind, message));
  }
  if (claims.documented) add("it is documented", () => checkDocumented(particle));
  return checks;
}
