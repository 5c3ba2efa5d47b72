/** Plain data, as attributes are: numbers, texts, truth values, and arrays and records of them. */

/** A frozen copy, which no later change of the caller's reaches. What is no plain data is handed on as it is. */
export function frozenCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as T;
  if (isNumbers(value)) return value.slice() as T;
  if (!isRecord(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const name in value) copy[name] = frozenCopy(value[name]);
  return Object.freeze(copy) as T;
}

/** Whether `value` says the same as a frozen copy. NaN equals NaN, −0 is not 0; two functions are the same only if they are one. */
export function sameData(copy: unknown, value: unknown): boolean {
  if (typeof copy !== "object" || typeof value !== "object" || copy === null || value === null) {
    return Object.is(copy, value);
  }
  if (Array.isArray(copy)) {
    if (!Array.isArray(value) || copy.length !== value.length) return false;
    for (let at = 0; at < copy.length; at++) if (!sameData(copy[at], value[at])) return false;
    return true;
  }
  if (isNumbers(copy)) {
    if (!isNumbers(value) || value.constructor !== copy.constructor || copy.length !== value.length) return false;
    for (let at = 0; at < copy.length; at++) if (!Object.is(copy[at], value[at])) return false;
    return true;
  }
  // An object of a class may have changed inside, so it never counts as the same.
  if (!isRecord(copy) || !isRecord(value)) return false;
  let names = 0;
  for (const name in copy) {
    if (!(name in value) || !sameData(copy[name], value[name])) return false;
    names++;
  }
  for (const _ in value) names--;
  return names === 0;
}

function isNumbers(value: object): value is Float64Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function isRecord(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
