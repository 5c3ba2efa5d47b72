import { madd } from "../how/simd";
import { descent } from "./how/descent";

/**
 * Stochastic gradient descent:
 *
 *     d = g + weightDecay·p
 *     b = first ? d : momentum·b + (1 − dampening)·d        if there is a momentum buffer
 *     d = nesterov ? d + momentum·b : b
 *     p = p − learningRate·d
 *
 * `undamped` is 1 − dampening. `buffer` is 0 where momentum is 0. To climb instead, hand in `sign` −1: the gradient is negated.
 */
export function sgdStep(
  parameter: usize, grad: usize, buffer: usize,
  learningRate: f32, momentum: f32, undamped: f32, weightDecay: f32, nesterov: i32, sign: f32, first: i32,
  from: u32, to: u32,
): void {
  const rate = f32x4.splat(-learningRate);
  const factor = f32x4.splat(momentum);
  const share = f32x4.splat(undamped);
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const p = v128.load(parameter + at);
    let d = descent(grad + at, p, sign, weightDecay);
    if (buffer != 0) {
      let b = d;
      if (!first) b = madd(d, share, f32x4.mul(v128.load(buffer + at), factor));
      v128.store(buffer + at, b);
      d = nesterov ? madd(b, factor, d) : b;
    }
    v128.store(parameter + at, madd(d, rate, p));
  }
}
