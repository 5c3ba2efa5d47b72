import type { DType, Nested, Shape } from "quarkgrad";

/** Numbers of a tensor on the page, row by row. */
export interface Numbers {
  readonly shape: Shape;
  readonly data: readonly number[];
}

export type Filling = "noise" | "zeros" | "ones" | "count" | "picture";

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function nested({ shape, data }: Numbers): Nested {
  if (shape.length === 0) return data[0]!;
  const [first = 0, ...rest] = shape;
  const size = sizeOf(rest);
  return Array.from({ length: first }, (_, index) =>
    nested({ shape: rest, data: data.slice(index * size, (index + 1) * size) }),
  );
}

/** @throws Error where the arrays are ragged. */
export function flat(value: unknown): Numbers {
  const shape: number[] = [];
  for (let at = value; Array.isArray(at); at = at[0]) shape.push(at.length);
  const data: number[] = [];
  const walk = (part: unknown, depth: number) => {
    if (depth < shape.length) {
      if (!Array.isArray(part) || part.length !== shape[depth]) throw new Error("rows of different lengths");
      for (const next of part) walk(next, depth + 1);
    } else data.push(typeof part === "boolean" ? Number(part) : numberOf(part));
  };
  walk(value, 0);
  return { shape, data };
}

/** JSON has no infinities, so they are written as texts. */
function numberOf(value: unknown): number {
  const number = typeof value === "string" ? parsed(value) : value;
  if (typeof number !== "number") throw new Error(`${JSON.stringify(value)} is no number`);
  return number;
}

/** A number as it may be typed; nothing where it is none. */
export function parsed(text: string): number | undefined {
  const plain = text
    .trim()
    .replaceAll("−", "-")
    .replace(",", ".")
    .replace("∞", "Infinity")
    .replace(/^(-?)inf$/i, "$1Infinity");
  if (/^nan$/i.test(plain)) return Number.NaN;
  return plain === "" || Number.isNaN(Number(plain)) ? undefined : Number(plain);
}

/** As many digits as one reads in a grid. */
export function shown(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const text = Object.is(value, -0) ? "-0" : `${Number(value.toPrecision(digits))}`;
  return text.replaceAll("-", "−");
}

/** `x[0,1]`, or `x` for a scalar. */
export function named(symbol: string, shape: Shape, index: number): string {
  if (shape.length === 0) return symbol;
  let rest = index;
  const places = [...shape].reverse().map((size) => {
    const place = rest % size;
    rest = Math.floor(rest / size);
    return place;
  });
  return `${symbol}[${places.reverse().join(",")}]`;
}

/** Another shape: numbers stay where they were, new places repeat those at hand. */
export function resized({ shape: old, data }: Numbers, shape: Shape): Numbers {
  return {
    shape,
    data: Array.from({ length: sizeOf(shape) }, (_, index) => {
      let rest = index;
      let from = 0;
      let stride = 1;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        const place = rest % shape[axis]!;
        rest = Math.floor(rest / shape[axis]!);
        from += (place % old[axis]!) * stride;
        stride *= old[axis]!;
      }
      return data[from] ?? 0;
    }),
  };
}

/** A face, 8 × 8. */
const picture = ["..####..", ".#....#.", "#.#..#.#", "#......#", "#.#..#.#", "#..##..#", ".#....#.", "..####.."];

let draws = 1;

/** The same shape with other numbers, which a port of this dtype can take. */
export function filled({ shape, data }: Numbers, dtype: DType, by: Filling): Numbers {
  const [rows = 1, columns = 1] = shape.length > 1 ? shape.slice(-2) : [1, shape[0] ?? 1];
  const whole = dtype !== "float32";
  const largest = Math.max(1, ...data);
  const fillings: Record<Filling, (index: number) => number> = {
    zeros: () => 0,
    ones: () => 1,
    count: (index) => (whole ? index % (largest + 1) : index + 1),
    noise: () => {
      const uniform = noise();
      return whole ? Math.floor(uniform * (largest + 1)) : Math.round(400 * uniform - 200) / 100;
    },
    picture: (index) => {
      const row = Math.floor((Math.floor(index / columns) % rows) * (8 / rows));
      return picture[row]![Math.floor((index % columns) * (8 / columns))] === "#" ? 1 : 0;
    },
  };
  return { shape, data: Array.from({ length: sizeOf(shape) }, (_, index) => fillings[by](index)) };
}

/** Uniform in [0, 1): mulberry32, so that a page shows the same each time. */
function noise(): number {
  draws = (draws + 0x6d2b79f5) | 0;
  let mixed = Math.imul(draws ^ (draws >>> 15), 1 | draws);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
