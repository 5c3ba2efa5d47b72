/** Values as JSON: what JSON has no words for is written as a record with one field that nothing else has. */
const special = "$";
const words = new Map<unknown, string>([
  [undefined, "undefined"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
  [Number.NaN, "NaN"],
]);
const meanings = new Map([...words].map(([value, word]) => [word, value]));
const deepest = 64;

/**
 * A value of numbers, texts, truth values, null, undefined, lists and records, as what `JSON.stringify` writes exactly. `other` says what
 * becomes of anything else, or throws; `path` leads to it: `optimizer.state.0`.
 */
export function encodePlain(value: unknown, other: (value: unknown, path: string) => unknown, path = ""): unknown {
  if (Object.is(value, -0)) return { [special]: "-0" };
  if (words.has(value)) return { [special]: words.get(value) };
  if (typeof value === "bigint") return { [special]: `${value}n` };
  if (value === null || ["number", "string", "boolean"].includes(typeof value)) return value;
  const inside = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) return value.map((item, index) => encodePlain(item, other, inside(index)));
  if (isRecord(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value)) && !(special in value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encodePlain(item, other, inside(key))]));
  }
  return other(value, path);
}

/** The value that `encodePlain` was given. `other` gets what was made of anything else; `fail` is called for what cannot be. */
export function decodePlain(
  value: unknown,
  fail: (problem: string) => never,
  other: (value: Readonly<Record<string, unknown>>) => unknown = () => fail("a value of an unknown kind"),
  depth = 0,
): unknown {
  if (depth > deepest) fail(`values nested more than ${deepest} deep`);
  if (Array.isArray(value)) return value.map((item) => decodePlain(item, fail, other, depth + 1));
  if (!isRecord(value)) return value;
  if (!Object.hasOwn(value, special)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, decodePlain(item, fail, other, depth + 1)]),
    );
  }
  const word = value[special];
  if (word === "-0") return -0;
  if (typeof word === "string" && meanings.has(word)) return meanings.get(word);
  if (typeof word === "string" && /^-?\d{1,40}n$/.test(word)) return BigInt(word.slice(0, -1));
  return other(value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
