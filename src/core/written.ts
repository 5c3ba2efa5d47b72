/** Numbers as text, for arithmetic that is written out. */

/** A number as one would write it: at most six digits, a true minus. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const text = Object.is(value, -0) ? "-0" : `${Number(value.toPrecision(6))}`;
  return text.replaceAll("-", "−").replace("e+", "e");
}

/** A number as one would write it into a sum or a product: negative ones in brackets. */
export function written(value: number): string {
  const text = number(value);
  return text.startsWith("−") ? `(${text})` : text;
}
