/**
 * cos(π·x) in float64 from additions and products alone. `Math.cos` differs between machines in its last bits, and a learning rate
 * reaches every weight.
 *
 * x is brought to r in [−¼, ¼] around the nearest multiple of ½, which is exact; there cos(π·r) and sin(π·r) are their Taylor
 * polynomials, whose first left-out term is below 1e-17.
 */
export function cosineOfPi(x: number): number {
  const halves = Math.round(2 * x);
  const angle = Math.PI * (x - halves / 2);
  const square = angle * angle;
  switch (((halves % 4) + 4) % 4) {
    case 0:
      return polynomial(cosine, square);
    case 1:
      return -angle * polynomial(sine, square);
    case 2:
      return -polynomial(cosine, square);
    default:
      return angle * polynomial(sine, square);
  }
}

/** (−1)ᵏ / (2k)! and (−1)ᵏ / (2k + 1)!. */
const cosine = coefficients(0);
const sine = coefficients(1);

function coefficients(first: number): number[] {
  const result = [1];
  for (let k = 1; k <= 8; k++) result.push(-result[k - 1]! / ((2 * k - 1 + first) * (2 * k + first)));
  return result;
}

function polynomial(terms: readonly number[], x: number): number {
  let value = 0;
  for (let k = terms.length - 1; k >= 0; k--) value = value * x + terms[k]!;
  return value;
}
