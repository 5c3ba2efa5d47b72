/** Wrong calls: the class of the error, its message, and that it comes before memory is taken. */
import { observe } from "../../core/observe.ts";
import { scope } from "../../core/scope.ts";
import { watchRequests } from "../../engine/requests.ts";
import { Mismatch } from "../numbers/compare.ts";
import { tensorsOf } from "../numbers/inputs.ts";
import type { Refusal } from "./claims.ts";
import type { Subject } from "./subject.ts";

type Kind = abstract new (...args: never) => Error;

/** Throws unless `body` throws an error of just this class with just this message. */
export function expectError(body: () => unknown, kind: Kind, message: string | RegExp): void {
  let thrown: unknown;
  try {
    scope(() => void body());
  } catch (error) {
    thrown = error;
  }
  compareError(thrown, kind, message);
}

/** The same; and the op `name` must not have taken any memory by then. */
export function expectEarlyError(name: string, body: () => unknown, kind: Kind, message: string): void {
  let started = false;
  const starting = (particle: { readonly name: string }) => {
    started ||= particle.name === name;
  };
  expectError(() => observe({ starting }, body), kind, message);
  if (started) throw new Mismatch(`${name} had taken memory when it threw: ${message}`);
}

/** Applies the particle to inputs that it must not take. */
export function checkRefusal(subject: Subject, refusal: Refusal<Record<string, 1>, unknown>): void {
  const { error: kind, message = /./, attributes } = refusal;
  const tensors = tensorsOf(subject.inputs({ sample: refusal, fill: "reals", seed: 1 }));
  const { asked, error } = watchRequests(() => void subject.outputs(tensors, attributes));
  compareError(error, kind, message);
  if (asked > 0) throw new Mismatch(`${asked} blocks were asked for before it threw: ${(error as Error).message}`);
}

function compareError(thrown: unknown, kind: Kind, message: string | RegExp): void {
  if (thrown === undefined) throw new Mismatch(`no error was thrown; expected ${kind.name}: ${message}`);
  if (!(thrown instanceof Error)) throw new Mismatch(`${thrown} was thrown, which is no Error`);
  const right = typeof message === "string" ? thrown.message === message : message.test(thrown.message);
  if (thrown.constructor !== kind || !right) {
    throw new Mismatch(`got ${thrown.constructor.name}: ${thrown.message}\nexpected ${kind.name}: ${message}`);
  }
}
