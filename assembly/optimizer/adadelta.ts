import { madd } from "../how/simd";
import { averagedSquare, descent } from "./how/descent";

/**
 * Adadelta:
 *
 *     g = sign·g + weightDecay·p
 *     v = ρ·v + (1 − ρ)·g·g
 *     d = √(u + ε) / √(v + ε) · g
 *     u = ρ·u + (1 − ρ)·d·d
 *     p = p − learningRate·d
 */
export function adadeltaStep(
  parameter: usize, grad: usize, squareAverage: usize, stepAverage: usize,
  learningRate: f32, rho: f32, rest: f32, epsilon: f32, weightDecay: f32, sign: f32,
  from: u32, to: u32,
): void {
  const epsilons = f32x4.splat(epsilon);
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const p = v128.load(parameter + at);
    const g = descent(grad + at, p, sign, weightDecay);
    const v = averagedSquare(squareAverage + at, g, rho, rest);
    const before = f32x4.sqrt(f32x4.add(v128.load(stepAverage + at), epsilons));
    const d = f32x4.mul(f32x4.div(before, f32x4.sqrt(f32x4.add(v, epsilons))), g);
    averagedSquare(stepAverage + at, d, rho, rest);
    v128.store(parameter + at, madd(d, f32x4.splat(-learningRate), p));
  }
}
