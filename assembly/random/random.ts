/**
 * Normally distributed numbers from uniform ones, by Box and Muller:
 *
 *   r = √(−2 · ln u),  θ = 2π · v,  giving r · cos θ and r · sin θ
 *
 * Logarithm, sine and cosine are series in float64, good to about 1e-16, so that rounding to float32 is all that is lost.
 */

const ln2High: f64 = 6.93147180369123816490e-01; // the upper 32 bits of ln 2: times an exponent it is exact
const ln2Low: f64 = 1.90821492927058770002e-10;
const halfPiHigh: f64 = 1.57079632673412561417; // the upper 33 bits of π/2: times a quadrant it is exact
const halfPiLow: f64 = 6.07710050650619224932e-11;

/** ln x for finite x > 0: x = 2^k · m with m around 1, and ln m = 2 · artanh s, s = (m − 1) / (m + 1). */
function logarithm(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let exponent = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series: f64 = 1.0 / 21;
  series = series * z + 1.0 / 19;
  series = series * z + 1.0 / 17;
  series = series * z + 1.0 / 15;
  series = series * z + 1.0 / 13;
  series = series * z + 1.0 / 11;
  series = series * z + 1.0 / 9;
  series = series * z + 1.0 / 7;
  series = series * z + 1.0 / 5;
  series = series * z + 1.0 / 3;
  const k = <f64>exponent;
  return k * ln2High + (2 * s + (2 * s * z * series + k * ln2Low));
}

/** sin x for |x| ≤ π/4. */
function sinNearZero(x: f64): f64 {
  const z = x * x;
  let series: f64 = 1.0 / 355687428096000;
  series = series * z - 1.0 / 1307674368000;
  series = series * z + 1.0 / 6227020800;
  series = series * z - 1.0 / 39916800;
  series = series * z + 1.0 / 362880;
  series = series * z - 1.0 / 5040;
  series = series * z + 1.0 / 120;
  series = series * z - 1.0 / 6;
  return x + x * z * series;
}

/** cos x for |x| ≤ π/4. */
function cosNearZero(x: f64): f64 {
  const z = x * x;
  let series: f64 = 1.0 / 20922789888000;
  series = series * z - 1.0 / 87178291200;
  series = series * z + 1.0 / 479001600;
  series = series * z - 1.0 / 3628800;
  series = series * z + 1.0 / 40320;
  series = series * z - 1.0 / 720;
  series = series * z + 1.0 / 24;
  return 1 - (0.5 * z - z * z * series);
}

/** sin (x + quarters · π/2) for x from [0, 2π]. */
function sine(x: f64, quarters: i32): f64 {
  const quadrant = <i32>(x * 0.6366197723675814 + 0.5);
  const k = <f64>quadrant;
  const rest = x - k * halfPiHigh - k * halfPiLow;
  const turn = quadrant + quarters;
  const value = turn & 1 ? cosNearZero(rest) : sinNearZero(rest);
  return turn & 2 ? -value : value;
}

/** r · cos θ in float64, where u and v are uniform on [0, 1) and ln is taken of 1 − u. */
export function normalCosine(u: f64, v: f64): f64 {
  return sqrt<f64>(-2 * logarithm(1 - u)) * sine(6.283185307179586 * v, 1);
}

/** r · sin θ, the other of the two. */
export function normalSine(u: f64, v: f64): f64 {
  return sqrt<f64>(-2 * logarithm(1 - u)) * sine(6.283185307179586 * v, 0);
}

/**
 * Turns groups of 16 uniform float32 at `at` into normal ones, in place: the first eight of a group are u, the last eight v.
 * Each intermediate value is rounded to float32, as PyTorch computes it. `count` is a multiple of 16.
 */
export function normalGroups(at: usize, count: u32, mean: f32, deviation: f32): void {
  const end = at + ((<usize>count) << 2);
  for (; at < end; at += 64) {
    for (let u = at; u < at + 32; u += 4) {
      const radius = f32.sqrt(-2 * <f32>logarithm(1 - <f64>load<f32>(u)));
      const theta = <f64>(<f32>6.283185307179586 * load<f32>(u, 32));
      const cosine = radius * <f32>sine(theta, 1);
      const other = radius * <f32>sine(theta, 0);
      store<f32>(u, <f32>(<f64>cosine * <f64>deviation + <f64>mean));
      store<f32>(u, <f32>(<f64>other * <f64>deviation + <f64>mean), 32);
    }
  }
}
