/** Options as callers hand them over: read once, by name, and refused where a name or a value is not what was meant. */
import { OptionError } from "../errors.ts";

/** One option: what it is where none is given, and what it may be. */
export interface Option<Value> {
  readonly fallback: Value;
  /** What messages say it must be: `a number`. */
  readonly wanted: string;
  accepts(value: unknown): boolean;
}

/** The options of an op or a layer, in the order in which PyTorch takes them by position. */
export type OptionsOf<Options> = { readonly [Name in keyof Options]-?: Option<Options[Name]> };

/** A number, which may be infinite. */
export function real<Fallback extends number | undefined>(
  fallback: Fallback,
  { least = Number.NEGATIVE_INFINITY, below }: { readonly least?: number; readonly below?: number } = {},
): Option<number | Fallback> {
  const from = least === Number.NEGATIVE_INFINITY ? "" : ` of at least ${least}`;
  const to = below === undefined ? "" : `${from ? " and" : ""} below ${below}`;
  const accepts = (value: unknown) =>
    typeof value === "number" && value >= least && (below === undefined || value < below);
  return { fallback, wanted: `a number${from}${to}`, accepts };
}

/** A whole number of at least `least`. */
export function whole<Fallback extends number | undefined>(fallback: Fallback, least = 0): Option<number | Fallback> {
  const bound = least === Number.MIN_SAFE_INTEGER ? "" : ` of at least ${least}`;
  const accepts = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least;
  return { fallback, wanted: `a whole number${bound}`, accepts };
}

/** A number, or one for rows and one for columns. What it may be is the op's to say, which knows the sizes. */
export function pair<Fallback extends number | readonly [number, number] | undefined>(
  fallback: Fallback,
): Option<number | readonly [number, number] | Fallback> {
  const isNumber = (value: unknown) => typeof value === "number";
  const accepts = (value: unknown) => isNumber(value) || (Array.isArray(value) && value.every(isNumber));
  return { fallback, wanted: "a number or a pair of numbers", accepts };
}

export function flag<Fallback extends boolean | undefined>(fallback: Fallback): Option<boolean | Fallback> {
  return { fallback, wanted: "true or false", accepts: (value) => typeof value === "boolean" };
}

export function oneOf<const Choice extends string>(fallback: Choice, ...others: readonly Choice[]): Option<Choice> {
  const choices: readonly unknown[] = [fallback, ...others];
  const wanted = choices
    .map((choice) => `"${choice}"`)
    .join(", ")
    .replace(/, (?="[^"]*"$)/, " or ");
  return { fallback, wanted, accepts: (value) => choices.includes(value) };
}

/** Anything that `accepts` says is right. */
export function option<Value>(fallback: Value, wanted: string, accepts: (value: unknown) => boolean): Option<Value> {
  return { fallback, wanted, accepts };
}

/**
 * The value of every option: what `given` names, and the fallbacks of the others. An option that is undefined was not given. A value
 * that stands alone is the first option: `leakyRelu(x, 0.2)` as in PyTorch.
 *
 * @throws OptionError for a name that is not known, with the nearest one, and for a value of the wrong kind.
 */
export function readOptions<Options extends object>(op: string, given: unknown, known: OptionsOf<Options>): Options {
  const values = { ...fallbacksOf(known) };
  if (given === undefined) return values;
  if (!isPlain(given)) return { ...values, ...alone(op, given, known) };
  for (const name in given) {
    if (!Object.hasOwn(known, name)) throw unknownOption(op, name, Object.keys(known));
    const value = given[name];
    if (value === undefined) continue;
    const { accepts, wanted } = known[name as keyof Options];
    if (!accepts(value)) throw wrongValue(op, name, value, wanted);
    values[name as keyof Options] = value as Options[keyof Options];
  }
  return values;
}

/** What `given` names, checked as by `readOptions` and copied: what a layer keeps for its forward passes. */
export function givenOptions<Options extends object>(
  op: string,
  given: unknown,
  known: OptionsOf<Options>,
): Partial<Options> {
  const values = readOptions(op, given, known);
  if (!isPlain(given)) return given === undefined ? {} : alone(op, given, known);
  const names = (Object.keys(given) as (keyof Options & string)[]).filter((name) => given[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, values[name]])) as Partial<Options>;
}

const fallbacks = new WeakMap<object, object>();

function fallbacksOf<Options extends object>(known: OptionsOf<Options>): Options {
  let found = fallbacks.get(known) as Options | undefined;
  if (!found) {
    const names = Object.keys(known) as (keyof Options)[];
    found = Object.fromEntries(names.map((name) => [name, known[name].fallback])) as Options;
    fallbacks.set(known, found);
  }
  return found;
}

function alone<Options extends object>(op: string, given: unknown, known: OptionsOf<Options>): Partial<Options> {
  const [first] = Object.keys(known) as (keyof Options & string)[];
  if (first === undefined || (typeof given === "object" && !Array.isArray(given))) {
    const names = first === undefined ? "" : `, an object with any of ${Object.keys(known).join(", ")}`;
    throw new OptionError(`${op}: options come last${names}; got ${described(given)}`);
  }
  if (!known[first].accepts(given)) throw wrongValue(op, first, given, known[first].wanted);
  return { [first]: given } as Partial<Options>;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function wrongValue(op: string, name: string, value: unknown, wanted: string): OptionError {
  return new OptionError(`${op}: ${name} must be ${wanted}, got ${described(value)}`);
}

/** The error for a name that nothing is called by. */
export function unknownOption(op: string, name: string, known: readonly string[]): OptionError {
  const near = nearest(name, known);
  const list = known.length === 0 ? "it takes none" : `known are ${known.join(", ")}`;
  const hint = near === undefined ? list : `did you mean "${near}"?`;
  return new OptionError(`${op}: option "${shortened(name)}" is not known; ${hint}`);
}

/** A value as a message shows it: short, and never by its own `toString`. */
export function described(value: unknown): string {
  if (typeof value === "string") return `"${shortened(value)}"`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const numbers = Array.from(value as ArrayLike<unknown>);
    const simple = numbers.length <= 8 && numbers.every((item) => typeof item === "number");
    return simple ? `[${numbers.join(", ")}]` : `an array of ${numbers.length}`;
  }
  // Bundlers put underscores before names that they have seen.
  const name = (value.constructor ?? Object).name.replace(/^_+/, "");
  return name === "Object" ? "an object" : `${/^[aeiou]/i.test(name) ? "an" : "a"} ${shortened(name)}`;
}

/** At most 40 characters of it. */
export function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}…`;
}

/** The name that is nearest to `name`: equal but for case and underscores, the beginning of it, or at most two edits away. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  const wanted = plain(name);
  const exact = known.find((candidate) => plain(candidate) === wanted);
  if (exact !== undefined) return exact;
  const beginning = known.find((candidate) => wanted.length >= 2 && plain(candidate).startsWith(wanted));
  if (beginning !== undefined) return beginning;
  const ranked = known.map((candidate) => ({ candidate, edits: editsBetween(wanted, plain(candidate)) }));
  ranked.sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best && best.edits <= Math.min(2, Math.floor(wanted.length / 2)) ? best.candidate : undefined;
}

/** The least number of letters put in, left out, changed or swapped with their neighbour (optimal string alignment distance). */
function editsBetween(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(row[j - 1]! + 1, above[j]! + 1, change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = above;
    above = row;
  }
  return above[b.length]!;
}
