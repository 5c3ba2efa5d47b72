/** Parts of definitions: the normal distribution and the error function in float64, to about 1e-15. */

/** (1 − Φ(z))·e^(z²/2) for z ≥ 0, by a continued fraction, or a series where that converges slowly. Part of definitions. */
function scaledTail(z: number): number {
  if (z < 2) return (0.5 - centre(z)) * Math.exp((z * z) / 2);
  let fraction = z;
  for (let k = 300; k >= 1; k--) fraction = z + k / fraction;
  return 1 / (fraction * Math.sqrt(2 * Math.PI));
}

/** Φ(z) − ½ by its series φ(z)·(z + z³/3 + z⁵/(3·5) + …). Part of definitions. */
function centre(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) sum += term *= (z * z) / k;
  return (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

/** Φ(z), the probability that a normal random number is below z. Part of definitions. */
export function normalDistribution(z: number): number {
  if (Math.abs(z) < 1) return 0.5 + centre(z);
  const tail = scaledTail(Math.min(Math.abs(z), 40)) * Math.exp((-z * z) / 2);
  return z < 0 ? tail : 1 - tail;
}

/** erf x = 2·Φ(√2·x) − 1. Part of definitions. */
export function errorFunction(x: number): number {
  if (Number.isNaN(x)) return x;
  const z = x * Math.SQRT2;
  if (Math.abs(z) < 1) return 2 * centre(z);
  const outside = 2 * scaledTail(Math.min(Math.abs(z), 40)) * Math.exp((-z * z) / 2);
  return x < 0 ? outside - 1 : 1 - outside;
}
