/**
 * Activations of one element, y = f(x), and their gradients, dx = f′(x)·g; relu has a file of its own. Ranges as in elementwise.ts.
 * Those with parameters bring their own loops.
 */
import { map, map2 } from "../how/loops";
import { expMinus1OfNegative, exp4, logOf1Plus, select, tanh4 } from "../how/math";
import { gelu4, geluSlope4, tanhGelu4, tanhGeluSlope4 } from "./how/normal";
import { sigmoid4, silu4, siluSlope4 } from "../how/sigmoid";

class Tanh {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return tanh4(x); }
}
class Sigmoid {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return sigmoid4(x); }
}
class Silu {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return silu4(x); }
}
class Gelu {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return gelu4(x); }
}
class TanhGelu {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return tanhGelu4(x); }
}
/** (1 − y²)·g, from the output. */
class TanhGradInput {
  // @ts-ignore: decorator
  @inline of(y: v128, g: v128): v128 { return f32x4.mul(g, f32x4.sub(f32x4.splat(1), f32x4.mul(y, y))); }
}
/** y·(1 − y)·g, from the output. */
class SigmoidGradInput {
  // @ts-ignore: decorator
  @inline of(y: v128, g: v128): v128 { return f32x4.mul(g, f32x4.mul(y, f32x4.sub(f32x4.splat(1), y))); }
}
/** Its slope times g. */
class SiluGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, siluSlope4(x)); }
}
class GeluGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, geluSlope4(x)); }
}
class TanhGeluGradInput {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, tanhGeluSlope4(x)); }
}

export function tanh(x: usize, y: usize, from: u32, to: u32): void {
  map<Tanh>(x, y, from, to);
}

export function sigmoid(x: usize, y: usize, from: u32, to: u32): void {
  map<Sigmoid>(x, y, from, to);
}

export function silu(x: usize, y: usize, from: u32, to: u32): void {
  map<Silu>(x, y, from, to);
}

export function gelu(x: usize, y: usize, from: u32, to: u32): void {
  map<Gelu>(x, y, from, to);
}

export function tanhGelu(x: usize, y: usize, from: u32, to: u32): void {
  map<TanhGelu>(x, y, from, to);
}

export function tanhGradInput(y: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<TanhGradInput>(y, g, dx, from, to);
}

export function sigmoidGradInput(y: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<SigmoidGradInput>(y, g, dx, from, to);
}

export function siluGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<SiluGradInput>(x, g, dx, from, to);
}

export function geluGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<GeluGradInput>(x, g, dx, from, to);
}

export function tanhGeluGradInput(x: usize, g: usize, dx: usize, from: u32, to: u32): void {
  map2<TanhGeluGradInput>(x, g, dx, from, to);
}

/** y = x > 0 ? x : slope·x. */
export function leakyRelu(x: usize, y: usize, slope: f32, from: u32, to: u32): void {
  const slopes = f32x4.splat(slope);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const v = v128.load(x + at);
    v128.store(y + at, select(f32x4.gt(v, f32x4.splat(0)), v, f32x4.mul(v, slopes)));
  }
}

export function leakyReluGradInput(x: usize, g: usize, dx: usize, slope: f32, from: u32, to: u32): void {
  const slopes = f32x4.splat(slope);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const grad = v128.load(g + at);
    v128.store(dx + at, select(f32x4.gt(v128.load(x + at), f32x4.splat(0)), grad, f32x4.mul(grad, slopes)));
  }
}

/** y = x < 0 ? alpha·(e^x − 1) : x. */
export function elu(x: usize, y: usize, alpha: f32, from: u32, to: u32): void {
  const alphas = f32x4.splat(alpha);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const v = v128.load(x + at);
    v128.store(y + at, select(f32x4.lt(v, f32x4.splat(0)), f32x4.mul(alphas, expMinus1OfNegative(v)), v));
  }
}

export function eluGradInput(x: usize, g: usize, dx: usize, alpha: f32, from: u32, to: u32): void {
  const alphas = f32x4.splat(alpha);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const v = v128.load(x + at);
    const grad = v128.load(g + at);
    v128.store(dx + at, select(f32x4.gt(v, f32x4.splat(0)), grad, f32x4.mul(grad, f32x4.mul(alphas, exp4(v)))));
  }
}

/** 4 KB of results between two passes stay in L1. */
const stripBytes: usize = 4096;

/**
 * In strips, exponentials first: a chain from e^−|v| to its logarithm is so long that only two would be under way at a time.
 * y = ln(1 + e^(beta·x)) / beta, and x itself where beta·x > threshold. ln(1 + e^v) = max(v, 0) + ln(1 + e^−|v|). */
export function softplus(x: usize, y: usize, beta: f32, threshold: f32, from: u32, to: u32): void {
  const betas = f32x4.splat(beta);
  const thresholds = f32x4.splat(threshold);
  const end = (<usize>to) << 2;
  for (let strip = (<usize>from) << 2; strip < end; strip += stripBytes) {
    const stop = min(strip + stripBytes, end);
    for (let at = strip; at < stop; at += 16) {
      v128.store(y + at, exp4(f32x4.neg(f32x4.abs(f32x4.mul(v128.load(x + at), betas)))));
    }
    for (let at = strip; at < stop; at += 16) {
      const input = v128.load(x + at);
      const v = f32x4.mul(input, betas);
      const value = f32x4.div(f32x4.add(f32x4.pmax(v, f32x4.splat(0)), logOf1Plus(v128.load(y + at))), betas);
      v128.store(y + at, select(f32x4.gt(v, thresholds), input, value));
    }
  }
}

export function softplusGradInput(x: usize, g: usize, dx: usize, beta: f32, threshold: f32, from: u32, to: u32): void {
  const betas = f32x4.splat(beta);
  const thresholds = f32x4.splat(threshold);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const v = f32x4.mul(v128.load(x + at), betas);
    const grad = v128.load(g + at);
    v128.store(dx + at, select(f32x4.gt(v, thresholds), grad, f32x4.mul(grad, sigmoid4(v))));
  }
}

/** y = min(max(x, low), high), where NaN stays NaN and low > high gives high everywhere. */
export function clamp(x: usize, y: usize, low: f32, high: f32, from: u32, to: u32): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    v128.store(y + at, f32x4.pmin(f32x4.pmax(v128.load(x + at), lows), highs));
  }
}

/** g where low < x < high, 0 elsewhere, also at NaN. An infinite bound is none: it bounds no infinity. */
export function clampGradInput(x: usize, g: usize, dx: usize, low: f32, high: f32, from: u32, to: u32): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const noLow = f32x4.eq(lows, f32x4.splat(-Infinity));
  const noHigh = f32x4.eq(highs, f32x4.splat(Infinity));
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    const v = v128.load(x + at);
    const above = v128.or(f32x4.gt(v, lows), v128.and(noLow, f32x4.eq(v, v)));
    const below = v128.or(f32x4.lt(v, highs), v128.and(noHigh, f32x4.eq(v, v)));
    v128.store(dx + at, v128.and(v128.load(g + at), v128.and(above, below)));
  }
}
