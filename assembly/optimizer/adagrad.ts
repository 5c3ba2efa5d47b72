import { madd } from "../how/simd";
import { descent } from "./how/descent";

/**
 * Adagrad:
 *
 *     g = sign·g + weightDecay·p
 *     s = s + g·g
 *     p = p − rate·g / (√s + ε)
 *
 * with rate = learningRate / (1 + (t − 1)·decay), computed once for all elements by the caller.
 */
export function adagradStep(
  parameter: usize, grad: usize, sum: usize,
  rate: f32, epsilon: f32, weightDecay: f32, sign: f32,
  from: u32, to: u32,
): void {
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const p = v128.load(parameter + at);
    const g = descent(grad + at, p, sign, weightDecay);
    const s = madd(g, g, v128.load(sum + at));
    v128.store(sum + at, s);
    const denominator = f32x4.add(f32x4.sqrt(s), f32x4.splat(epsilon));
    v128.store(parameter + at, f32x4.add(p, f32x4.div(f32x4.mul(f32x4.splat(-rate), g), denominator)));
  }
}
