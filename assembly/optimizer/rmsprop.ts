import { madd } from "../how/simd";
import { averaged, averagedSquare, descent } from "./how/descent";

/**
 * RMSprop:
 *
 *     g = sign·g + weightDecay·p
 *     v = α·v + (1 − α)·g·g
 *     m = α·m + (1 − α)·g                  if there is a buffer for the average (centred), and 0 if not
 *     d = g / (√(v − m·m) + ε)
 *     b = momentum·b + d                   if there is a buffer for it; else b = d
 *     p = p − learningRate·b
 */
export function rmspropStep(
  parameter: usize, grad: usize, squareAverage: usize, average: usize, buffer: usize,
  learningRate: f32, alpha: f32, rest: f32, epsilon: f32, momentum: f32, weightDecay: f32, sign: f32,
  from: u32, to: u32,
): void {
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const p = v128.load(parameter + at);
    const g = descent(grad + at, p, sign, weightDecay);
    let v = averagedSquare(squareAverage + at, g, alpha, rest);
    if (average != 0) {
      const m = averaged(average + at, g, alpha, rest);
      v = f32x4.sub(v, f32x4.mul(m, m));
    }
    let d = f32x4.div(g, f32x4.add(f32x4.sqrt(v), f32x4.splat(epsilon)));
    if (buffer != 0) {
      d = madd(v128.load(buffer + at), f32x4.splat(momentum), d);
      v128.store(buffer + at, d);
    }
    v128.store(parameter + at, madd(d, f32x4.splat(-learningRate), p));
  }
}
