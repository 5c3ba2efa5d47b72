import { averaged, descent } from "./how/descent";

/**
 * Adamax:
 *
 *     g = sign·g + weightDecay·p
 *     m = β₁·m + (1 − β₁)·g
 *     u = max(β₂·u, |g| + ε)
 *     p = p − stepSize·m / u
 *
 * with stepSize = learningRate / (1 − β₁ᵗ), computed once for all elements by the caller.
 */
export function adamaxStep(
  parameter: usize, grad: usize, average: usize, largest: usize,
  stepSize: f32, beta1: f32, rest1: f32, beta2: f32, epsilon: f32, weightDecay: f32, sign: f32,
  from: u32, to: u32,
): void {
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const p = v128.load(parameter + at);
    const g = descent(grad + at, p, sign, weightDecay);
    const m = averaged(average + at, g, beta1, rest1);
    // A NaN of the gradient stays: pmax(x, y) is x < y ? y : x.
    const magnitude = f32x4.add(f32x4.abs(g), f32x4.splat(epsilon));
    const u = f32x4.pmax(magnitude, f32x4.mul(v128.load(largest + at), f32x4.splat(beta2)));
    v128.store(largest + at, u);
    v128.store(parameter + at, f32x4.add(p, f32x4.div(f32x4.mul(f32x4.splat(-stepSize), m), u)));
  }
}
