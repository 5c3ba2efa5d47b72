/** Numbers as a reader wants them. */

/** `4,241,152` */
export function whole(value: number): string {
  return value.toLocaleString("en-US");
}

/** `4.24 M`: three digits and a unit. */
export function short(value: number): string {
  const [unit, size] =
    Math.abs(value) >= 1e9 ? (["G", 1e9] as const) : value >= 1e6 ? (["M", 1e6] as const) : ["k", 1e3];
  return Math.abs(value) < 1e4 ? whole(value) : `${Number((value / size).toPrecision(3))} ${unit}`;
}

/** Bytes with the unit that leaves few digits: `1.21 MB`, of 1,000 each. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  const [unit, size] = value >= 1e6 ? (["MB", 1e6] as const) : (["kB", 1e3] as const);
  return `${(value / size).toPrecision(3)} ${unit}`;
}

/** Milliseconds as `12.3 ms` or `48 µs`. */
export function time(milliseconds: number): string {
  if (milliseconds >= 0.1) return `${milliseconds.toPrecision(3)} ms`;
  return `${Number((1000 * milliseconds).toPrecision(2))} µs`;
}

/** `97.9 %`; what is more than nothing does not become 0. */
export function share(value: number, digits = 1): string {
  const text = (100 * value).toFixed(digits);
  return value > 0 && Number(text) === 0 ? `<${text.slice(0, -1)}1 %` : `${text} %`;
}

/** `1×32×28×28` */
export function sizes(shape: readonly number[]): string {
  return shape.join("×") || "scalar";
}

/** With its sign, also where it is positive: `+0.0123`. */
export function signed(value: number, digits = 4): string {
  const size = Math.abs(value).toFixed(digits);
  return `${Number(size) === 0 ? "±" : value < 0 ? "−" : "+"}${size}`;
}
