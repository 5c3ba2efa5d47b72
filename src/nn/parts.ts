/** The parts of a module: what stands in its fields, or in arrays, plain objects and Maps there. */

export interface Part {
  /** `weight`, `heads.0`, `norms.first`. */
  readonly name: string;
  readonly value: object;
  /** Puts another value in its place. */
  replace(value: object): void;
}

/** The parts under the value that stands at `name`. Whatever is no collection is one part. */
export function* partsOf(
  name: string,
  value: unknown,
  replace: (value: object) => void,
  above: readonly object[] = [],
): IterableIterator<Part> {
  if (typeof value !== "object" || value === null || above.includes(value)) return;
  const within = [...above, value];
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield* partsOf(`${name}.${index}`, item, (other) => value.splice(index, 1, other), within);
    }
  } else if (value instanceof Map) {
    for (const [key, item] of value) yield* partsOf(`${name}.${key}`, item, (other) => value.set(key, other), within);
  } else if (isPlain(value)) {
    for (const [key, item] of Object.entries(value)) {
      yield* partsOf(`${name}.${key}`, item, (other) => Object.assign(value, { [key]: other }), within);
    }
  } else yield { name, value, replace };
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
