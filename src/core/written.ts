/** A number as one would write it into a sum or a product: at most six digits, negative ones in brackets. */
export function written(value: number): string {
  const text = `${Number(value.toPrecision(6))}`.replace("-", "−");
  return value < 0 ? `(${text})` : text;
}
