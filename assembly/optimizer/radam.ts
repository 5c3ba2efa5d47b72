import { madd } from "../how/simd";
import { averaged, averagedSquare, descent } from "./how/descent";

/**
 * RAdam; with decoupled decay `shrink` is 1 − learningRate·weightDecay (and `weightDecay` 0):
 *
 *     p = shrink·p
 *     g = sign·g + weightDecay·p
 *     m = β₁·m + (1 − β₁)·g
 *     v = β₂·v + (1 − β₂)·g·g
 *     p = p − stepSize·m / (√v + ε)        once v is to be trusted (`adaptive`), before that p − stepSize·m
 *
 * where stepSize holds the learning rate, the corrections of both averages and the trust, computed once for all elements by the caller.
 */
export function radamStep(
  parameter: usize, grad: usize, average: usize, squareAverage: usize,
  stepSize: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32, adaptive: i32,
  weightDecay: f32, shrink: f32, sign: f32,
  from: u32, to: u32,
): void {
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const p = f32x4.mul(v128.load(parameter + at), f32x4.splat(shrink));
    const g = descent(grad + at, p, sign, weightDecay);
    const v = averagedSquare(squareAverage + at, g, beta2, rest2);
    let d = averaged(average + at, g, beta1, rest1);
    if (adaptive) d = f32x4.div(d, f32x4.add(f32x4.sqrt(v), f32x4.splat(epsilon)));
    v128.store(parameter + at, madd(d, f32x4.splat(-stepSize), p));
  }
}
