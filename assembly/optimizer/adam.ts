import { averaged, averagedSquare, descent } from "./how/descent";

/**
 * Adam, and AdamW where `shrink` is 1 − learningRate·weightDecay (and `weightDecay` 0):
 *
 *     p = shrink·p
 *     g = sign·g + weightDecay·p
 *     m = β₁·m + (1 − β₁)·g
 *     v = β₂·v + (1 − β₂)·g·g
 *     h = max(h, v), if there is a buffer for the largest v (AMSGrad); else h = v
 *     p = p − stepSize·m / (√h / correction + ε)
 *
 * with stepSize = learningRate / (1 − β₁ᵗ) and correction = √(1 − β₂ᵗ), both computed once for all elements by the caller.
 */
export function adamStep(
  parameter: usize, grad: usize, average: usize, squareAverage: usize, largest: usize,
  stepSize: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, correction: f32, epsilon: f32,
  weightDecay: f32, shrink: f32, sign: f32,
  from: u32, to: u32,
): void {
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const p = f32x4.mul(v128.load(parameter + at), f32x4.splat(shrink));
    const g = descent(grad + at, p, sign, weightDecay);
    const m = averaged(average + at, g, beta1, rest1);
    const v = averagedSquare(squareAverage + at, g, beta2, rest2);
    let h = v;
    if (largest != 0) {
      h = f32x4.pmax(v, v128.load(largest + at));
      v128.store(largest + at, h);
    }
    const denominator = f32x4.add(f32x4.div(f32x4.sqrt(h), f32x4.splat(correction)), f32x4.splat(epsilon));
    v128.store(parameter + at, f32x4.add(p, f32x4.div(f32x4.mul(f32x4.splat(-stepSize), m), denominator)));
  }
}
