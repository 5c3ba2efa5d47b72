/**
 * Powers in float64 from products, sums and quotients alone. `Math.pow` differs between machines in its last bits, and what is computed
 * here reaches every weight.
 */

/** base^exponent for a whole exponent of at least 0, by squaring. */
export function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square;
  }
  return result;
}

/** base^exponent for any exponent and a base of at least 0: 2^(exponent·log₂ base), where the exponent is not whole. */
export function realPower(base: number, exponent: number): number {
  if (Number.isInteger(exponent)) return exponent < 0 ? 1 / power(base, -exponent) : power(base, exponent);
  if (exponent === 0.5) return Math.sqrt(base);
  if (base === 0 || base === Number.POSITIVE_INFINITY)
    return (base === 0) === exponent > 0 ? 0 : Number.POSITIVE_INFINITY;
  return exponential(exponent * logarithm(base));
}

/** e^x: the Taylor polynomial of x/2ᵏ, which is at most 1/64, squared k times. Its relative error stays below 1e-14 where |x| < 20. */
export function exponential(x: number): number {
  let halvings = 0;
  let part = x;
  while (Math.abs(part) > 1 / 64) [part, halvings] = [part / 2, halvings + 1];
  // e^part − 1, which keeps the digits that 1 + part would lose; (1 + t)² − 1 = t·(2 + t).
  let excess = 0;
  for (let k = 8; k >= 1; k--) excess = (part / k) * (1 + excess);
  for (; halvings > 0; halvings--) excess *= 2 + excess;
  return 1 + excess;
}

/** ln x for x > 0: x = 2ᵉ·m, and ln m = 2·artanh((m − 1) / (m + 1)) with √½ ≤ m < √2. */
function logarithm(x: number): number {
  let exponent = 0;
  let m = x;
  while (m >= Math.SQRT2) [m, exponent] = [m / 2, exponent + 1];
  while (m < Math.SQRT1_2) [m, exponent] = [m * 2, exponent - 1];
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return exponent * Math.LN2 + 2 * s * sum;
}
