import { averaged, averagedSquare, descent } from "./how/descent";

/**
 * NAdam; with decoupled decay `shrink` is 1 − learningRate·weightDecay (and `weightDecay` 0):
 *
 *     p = shrink·p
 *     g = sign·g + weightDecay·p
 *     m = β₁·m + (1 − β₁)·g
 *     v = β₂·v + (1 − β₂)·g·g
 *     p = p − gradRate·g / (√v / correction + ε) − averageRate·m / (√v / correction + ε)
 *
 * with μₜ = β₁·(1 − ½·0.96^(t·ψ)), gradRate = learningRate·(1 − μₜ) / (1 − μ₁…μₜ), averageRate = learningRate·μₜ₊₁ / (1 − μ₁…μₜ₊₁) and
 * correction = √(1 − β₂ᵗ), all computed once for all elements by the caller.
 */
export function nadamStep(
  parameter: usize, grad: usize, average: usize, squareAverage: usize,
  gradRate: f32, averageRate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, correction: f32, epsilon: f32,
  weightDecay: f32, shrink: f32, sign: f32,
  from: u32, to: u32,
): void {
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    let p = f32x4.mul(v128.load(parameter + at), f32x4.splat(shrink));
    const g = descent(grad + at, p, sign, weightDecay);
    const m = averaged(average + at, g, beta1, rest1);
    const v = averagedSquare(squareAverage + at, g, beta2, rest2);
    const denominator = f32x4.add(f32x4.div(f32x4.sqrt(v), f32x4.splat(correction)), f32x4.splat(epsilon));
    p = f32x4.add(p, f32x4.div(f32x4.mul(f32x4.splat(-gradRate), g), denominator));
    v128.store(parameter + at, f32x4.add(p, f32x4.div(f32x4.mul(f32x4.splat(-averageRate), m), denominator)));
  }
}
