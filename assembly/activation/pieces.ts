/** Activations in pieces: straight lines, thresholds, and compositions of exponentials. Ranges as in elementwise.ts. */
import { map, map2, map2With, mapWith } from "../how/loops";
import { exp4, expMinus1OfNegative, logOf1Plus, select, withSignOf } from "../how/math";
import { sigmoid4 } from "../how/sigmoid";

/** min(max(x + 3, 0), 6) / 6. */
class Hardsigmoid {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 {
    const cut = f32x4.pmin(f32x4.pmax(f32x4.add(x, f32x4.splat(3)), f32x4.splat(0)), f32x4.splat(6));
    return f32x4.div(cut, f32x4.splat(6));
  }
}
/** g / 6 between −3 and 3. */
class HardsigmoidGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 {
    const inside = v128.and(f32x4.gt(x, f32x4.splat(-3)), f32x4.lt(x, f32x4.splat(3)));
    return v128.and(f32x4.div(g, f32x4.splat(6)), inside);
  }
}
/** x·min(max(x + 3, 0), 6) / 6. */
class Hardswish {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 {
    const cut = f32x4.pmin(f32x4.pmax(f32x4.add(x, f32x4.splat(3)), f32x4.splat(0)), f32x4.splat(6));
    return f32x4.mul(x, f32x4.div(cut, f32x4.splat(6)));
  }
}
/** (x/3 + ½)·g between −3 and 3, g from there on. */
class HardswishGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 {
    const slope = f32x4.add(f32x4.div(x, f32x4.splat(3)), f32x4.splat(0.5));
    const right = select(f32x4.ge(x, f32x4.splat(3)), g, f32x4.mul(g, slope));
    return v128.andnot(right, f32x4.le(x, f32x4.splat(-3)));
  }
}
/** x·tanh(ln(1 + e^x)) = x·n / (n + 2) with n = e^x·(e^x + 2); NaN at −∞. */
class Mish {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 {
    const power = exp4(f32x4.pmin(x, f32x4.splat(20))); // by then tanh is 1
    const n = f32x4.mul(power, f32x4.add(power, f32x4.splat(2)));
    return f32x4.mul(x, f32x4.div(n, f32x4.add(n, f32x4.splat(2))));
  }
}
/** tanh t = n / (n + 2), and its slope is 4·e^x·(e^x + 1) / (n + 2)²: together t + x·t′. */
class MishGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 {
    const cut = f32x4.pmin(x, f32x4.splat(20));
    const power = exp4(cut);
    const n = f32x4.mul(power, f32x4.add(power, f32x4.splat(2)));
    const below = f32x4.add(n, f32x4.splat(2));
    const steep = f32x4.div(f32x4.mul(f32x4.splat(4), f32x4.mul(power, f32x4.add(power, f32x4.splat(1)))), f32x4.mul(below, below));
    return f32x4.mul(g, f32x4.add(f32x4.div(n, below), f32x4.mul(cut, steep)));
  }
}
/** min(x, 0) − ln(1 + e^−|x|). */
class LogSigmoid {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 {
    const rest = logOf1Plus(exp4(f32x4.neg(f32x4.abs(x))));
    return f32x4.sub(f32x4.pmin(x, f32x4.splat(0)), rest);
  }
}
/** σ(−x)·g. */
class LogSigmoidGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 {
    return f32x4.mul(g, sigmoid4(f32x4.neg(x)));
  }
}
/** x / (1 + |x|). */
class Softsign {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 {
    return f32x4.div(x, f32x4.add(f32x4.splat(1), f32x4.abs(x)));
  }
}
/** g / (1 + |x|)². */
class SoftsignGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 {
    const below = f32x4.add(f32x4.splat(1), f32x4.abs(x));
    return f32x4.div(f32x4.div(g, below), below);
  }
}
/** x outside of [−lambda, lambda], 0 inside. */
class Hardshrink {
  // @ts-ignore: decorator
  @inline of(x: v128, lambda: v128, _: v128): v128 {
    return v128.andnot(x, f32x4.le(f32x4.abs(x), lambda));
  }
}
/** g outside. */
class HardshrinkGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128, lambda: v128, _: v128): v128 {
    return v128.andnot(g, f32x4.le(f32x4.abs(x), lambda));
  }
}
/** What of x is beyond [−lambda, lambda], 0 inside. */
class Softshrink {
  // @ts-ignore: decorator
  @inline of(x: v128, lambda: v128, _: v128): v128 {
    const moved = f32x4.sub(x, withSignOf(x, lambda));
    return select(f32x4.gt(f32x4.abs(x), lambda), moved, v128.and(x, f32x4.ne(x, x))); // NaN stays
  }
}
/** g outside. */
class SoftshrinkGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128, lambda: v128, _: v128): v128 {
    return v128.andnot(g, f32x4.le(f32x4.abs(x), lambda));
  }
}
/** x above the threshold, the value elsewhere. */
class Threshold {
  // @ts-ignore: decorator
  @inline of(x: v128, threshold: v128, value: v128): v128 {
    return select(f32x4.le(x, threshold), value, x);
  }
}
/** g above. */
class ThresholdGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128, threshold: v128, _: v128): v128 {
    return v128.andnot(g, f32x4.le(x, threshold));
  }
}

/** y = x > 0 ? scale·x : scale·alpha·(e^(x / width) − 1): celu and selu. */
export function scaledElu(x: usize, y: usize, scale: f32, alpha: f32, width: f32, from: u32, to: u32): void {
  const scales = f32x4.splat(scale);
  const alphas = f32x4.splat(scale * alpha);
  const widths = f32x4.splat(width);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const v = v128.load(x + at);
    const below = f32x4.mul(alphas, expMinus1OfNegative(f32x4.div(v, widths)));
    v128.store(y + at, select(f32x4.lt(v, f32x4.splat(0)), below, f32x4.mul(v, scales)));
  }
}

export function scaledEluGradInput(
  x: usize, g: usize, dx: usize, scale: f32, alpha: f32, width: f32, from: u32, to: u32,
): void {
  const scales = f32x4.splat(scale);
  const alphas = f32x4.splat(scale * alpha / width);
  const widths = f32x4.splat(width);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const v = v128.load(x + at);
    const slope = select(f32x4.gt(v, f32x4.splat(0)), scales, f32x4.mul(alphas, exp4(f32x4.div(v, widths))));
    v128.store(dx + at, f32x4.mul(v128.load(g + at), slope));
  }
}

export function hardsigmoid(x: usize, y: usize, from: u32, to: u32): void {
  map<Hardsigmoid>(x, y, from, to);
}

export function hardsigmoidGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<HardsigmoidGradInput>(x, g, dx, from, to);
}

export function hardswish(x: usize, y: usize, from: u32, to: u32): void {
  map<Hardswish>(x, y, from, to);
}

export function hardswishGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<HardswishGradInput>(x, g, dx, from, to);
}

export function mish(x: usize, y: usize, from: u32, to: u32): void {
  map<Mish>(x, y, from, to);
}

export function mishGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<MishGradInput>(x, g, dx, from, to);
}

export function logSigmoid(x: usize, y: usize, from: u32, to: u32): void {
  map<LogSigmoid>(x, y, from, to);
}

export function logSigmoidGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<LogSigmoidGradInput>(x, g, dx, from, to);
}

export function softsign(x: usize, y: usize, from: u32, to: u32): void {
  map<Softsign>(x, y, from, to);
}

export function softsignGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<SoftsignGradInput>(x, g, dx, from, to);
}

export function hardshrink(x: usize, y: usize, lambda: f32, from: u32, to: u32): void {
  mapWith<Hardshrink>(x, y, lambda, 0, from, to);
}

export function hardshrinkGradInput(x: usize, g: usize, dx: usize, lambda: f32, from: u32, to: u32): void {
  map2With<HardshrinkGradInput>(x, g, dx, lambda, 0, from, to);
}

export function softshrink(x: usize, y: usize, lambda: f32, from: u32, to: u32): void {
  mapWith<Softshrink>(x, y, lambda, 0, from, to);
}

export function softshrinkGradInput(x: usize, g: usize, dx: usize, lambda: f32, from: u32, to: u32): void {
  map2With<SoftshrinkGradInput>(x, g, dx, lambda, 0, from, to);
}

export function threshold(x: usize, y: usize, threshold: f32, value: f32, from: u32, to: u32): void {
  mapWith<Threshold>(x, y, threshold, value, from, to);
}

export function thresholdGradInput(x: usize, g: usize, dx: usize, threshold: f32, value: f32, from: u32, to: u32): void {
  map2With<ThresholdGradInput>(x, g, dx, threshold, value, from, to);
}
