/**
 * Cross entropy of logits x [N, C, inner] against a class t for each of the N·inner samples, in one pass over the logits:
 *
 *   loss = −(1 − ε)·w[t]·ln p[t] − ε/C · Σ c  w[c]·ln p[c],   ln p = (x − m) − ln s,  m = max x,  s = Σ e^(x − m)
 *
 * with class weights w (all 1 where `weight` is 0) and label smoothing ε. A sample whose label is ignored has loss and weight 0. The
 * same pass leaves p for backward, each sample's loss and, unless `weights` is 0, its weight.
 * A unit is a sample where inner = 1, else four neighbouring ones of an image, one in each lane.
 */
import { log4 } from "../how/math";
import { sumRun } from "../how/sumRun";
import { storeLanes } from "../how/simd";
import { divide, largestOf, largestOfColumns, logOf, powersOf, powersOfColumns } from "../how/softmaxParts";

/** The place of the first label that is neither a class nor to be ignored, −1 if all are sound. */
export function unsoundLabel(target: usize, n: u32, classes: u32, ignore: u32, ignored: i32): i32 {
  for (let i: u32 = 0; i < n; i++) {
    const label = load<i32>(target + ((<usize>i) << 2));
    if (<u32>label >= classes && !(ignore && label == ignored)) return i;
  }
  return -1;
}

export function crossEntropyRows(
  x: usize,
  target: usize,
  weight: usize,
  p: usize,
  losses: usize,
  weights: usize,
  C: u32,
  smoothing: f64,
  ignore: u32,
  ignored: i32,
  from: u32,
  to: u32,
): void {
  const width = (<usize>C) << 2;
  x += <usize>from * width;
  p += <usize>from * width;
  for (let sample = <usize>from; sample < to; sample++, x += width, p += width) {
    const label = load<i32>(target + (sample << 2));
    const largest = largestOf(x, C);
    const sum = powersOf(x, p, C, largest);
    divide(p, C, sum);
    if (ignore && label == ignored) {
      store<f32>(losses + (sample << 2), 0);
      if (weights) store<f32>(weights + (sample << 2), 0);
      continue;
    }
    const logSum = logOf(sum);
    store<f32>(losses + (sample << 2), lossOf(x, 4, label, weight, C, smoothing, largest, logSum));
    if (weights) store<f32>(weights + (sample << 2), weightOf(weight, label));
  }
}

export function crossEntropyColumns(
  x: usize,
  target: usize,
  weight: usize,
  p: usize,
  losses: usize,
  weights: usize,
  C: u32,
  inner: u32,
  smoothing: f64,
  ignore: u32,
  ignored: i32,
  from: u32,
  to: u32,
): void {
  const width = (<usize>inner) << 2;
  const chunks = (inner + 3) >> 2;
  for (let unit = from; unit < to; unit++) {
    const column = (unit % chunks) << 2;
    const lanes = min<u32>(inner - column, 4);
    const start = (<usize>(unit / chunks) * C * inner + column) << 2;
    const end = start + <usize>C * width;
    let top = largestOfColumns(x + start, x + end, width);
    const sum = powersOfColumns(x + start, p + start, C, width, top, lanes);
    for (let at = start; at < end; at += width) storeLanes(p + at, f32x4.div(v128.load(p + at), sum), lanes);
    let logSum = log4(sum);
    const sample = (<usize>(unit / chunks) * inner + column) << 2;
    for (let lane: usize = 0; lane < (<usize>lanes) << 2; lane += 4) {
      const label = load<i32>(target + sample + lane);
      let loss: f32 = 0;
      let share: f32 = 0;
      if (!ignore || label != ignored) {
        const largest = f32x4.extract_lane(top, 0);
        loss = lossOf(x + start + lane, width, label, weight, C, smoothing, largest, f32x4.extract_lane(logSum, 0));
        share = weightOf(weight, label);
      }
      store<f32>(losses + sample + lane, loss);
      if (weights) store<f32>(weights + sample + lane, share);
      top = v128.shuffle<f32>(top, top, 1, 2, 3, 0);
      logSum = v128.shuffle<f32>(logSum, logSum, 1, 2, 3, 0);
    }
  }
}

/** The loss of one sample whose logits lie `step` bytes apart. Without smoothing the other classes must not enter: 0·∞ is NaN. */
function lossOf(
  x: usize,
  step: usize,
  label: i32,
  weight: usize,
  C: u32,
  smoothing: f64,
  largest: f32,
  logSum: f32,
): f32 {
  const own = weightOf(weight, label) * (logSum - (load<f32>(x + <usize>label * step) - largest));
  if (smoothing == 0) return own;
  let all: f64 = 0;
  for (let c: u32 = 0; c < C; c++, x += step) all += <f64>weightOf(weight, c) * (logSum - (load<f32>(x) - largest));
  return <f32>((1 - smoothing) * own + (smoothing / <f64>C) * all);
}

// @ts-ignore: decorator
@inline
function weightOf(weight: usize, label: i32): f32 {
  return weight ? load<f32>(weight + ((<usize>label) << 2)) : 1;
}

/** y[0] /= x[0]: the sum of the losses over that of the weights. */
export function quotient(y: usize, x: usize): void {
  store<f32>(y, load<f32>(y) / load<f32>(x));
}

/**
 * dx[c] = g·((1 − ε)·w[t]·(p[c] − [c = t]) + ε/C·(p[c]·Σ w − w[c])), where g is the gradient of the sample's loss: dy, one for all or
 * (`each`) one a sample, over the total weight for a mean. Without smoothing that is g·w[t]·p, and g·w[t]·(p[t] − 1) at the label.
 * A unit is a sample.
 */
export function crossEntropyGradInput(
  p: usize,
  target: usize,
  weight: usize,
  total: usize,
  dy: usize,
  dx: usize,
  C: u32,
  inner: u32,
  smoothing: f64,
  ignore: u32,
  ignored: i32,
  each: u32,
  mean: u32,
  from: u32,
  to: u32,
): void {
  const step = (<usize>inner) << 2;
  const divisor = mean ? load<f32>(total) : 1;
  let weightSum: f32 = <f32>C;
  if (weight) weightSum = sumRun(weight, C);
  const spread = <f32>(smoothing / <f64>C);
  for (let sample = from; sample < to; sample++) {
    const label = load<i32>(target + ((<usize>sample) << 2));
    const start = (<usize>(sample / inner) * C * inner + (sample % inner)) << 2;
    const end = start + <usize>C * step;
    if (ignore && label == ignored) {
      for (let at = start; at < end; at += step) store<f32>(dx + at, 0);
      continue;
    }
    const grad = load<f32>(dy + (each ? (<usize>sample) << 2 : 0)) / divisor;
    const own = <f32>(1 - smoothing) * weightOf(weight, label) * grad;
    const chosen = start + <usize>label * step;
    if (smoothing == 0) {
      if (inner == 1) scale(p + start, dx + start, C, own);
      else for (let at = start; at < end; at += step) store<f32>(dx + at, own * load<f32>(p + at));
      store<f32>(dx + chosen, own * (load<f32>(p + chosen) - 1));
    } else {
      const others = spread * grad;
      for (let at = start, c = 0; at < end; at += step, c++) {
        const chance = load<f32>(p + at);
        const hit: f32 = at == chosen ? 1 : 0;
        store<f32>(dx + at, own * (chance - hit) + others * (chance * weightSum - weightOf(weight, c)));
      }
    }
  }
}

/** y = by·x for n neighbours. */
// @ts-ignore: decorator
@inline
function scale(x: usize, y: usize, n: u32, by: f32): void {
  const factor = f32x4.splat(by);
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.mul(v128.load(x), factor));
  if (n > 0) storeLanes(y, f32x4.mul(v128.load(x), factor), n);
}

/** Negative log likelihood: of log probabilities x the same as above without the softmax: loss = −w[t]·x[t]. A unit is a sample. */
export function nllLoss(
  x: usize,
  target: usize,
  weight: usize,
  losses: usize,
  weights: usize,
  C: u32,
  inner: u32,
  ignore: u32,
  ignored: i32,
  from: u32,
  to: u32,
): void {
  for (let sample = from; sample < to; sample++) {
    const slot = (<usize>sample) << 2;
    const label = load<i32>(target + slot);
    let loss: f32 = 0;
    let share: f32 = 0;
    if (!ignore || label != ignored) {
      const at = (<usize>(sample / inner) * C + label) * inner + (sample % inner);
      share = weightOf(weight, label);
      loss = 0 - share * load<f32>(x + (at << 2));
    }
    store<f32>(losses + slot, loss);
    if (weights) store<f32>(weights + slot, share);
  }
}

/** dx: −w[t]·g at the label, zero elsewhere; g as in `crossEntropyGradInput`. A unit is an image, [C, inner]. */
export function nllLossGradInput(
  target: usize,
  weight: usize,
  total: usize,
  dy: usize,
  dx: usize,
  C: u32,
  inner: u32,
  ignore: u32,
  ignored: i32,
  each: u32,
  mean: u32,
  from: u32,
  to: u32,
): void {
  const divisor = mean ? load<f32>(total) : 1;
  const plane = (<usize>C * inner) << 2;
  for (let image = <usize>from; image < to; image++) {
    const place = dx + image * plane;
    memory.fill(place, 0, plane);
    for (let j: usize = 0; j < inner; j++) {
      const slot = (image * inner + j) << 2;
      const label = load<i32>(target + slot);
      if (ignore && label == ignored) continue;
      const grad = load<f32>(dy + (each ? slot : 0)) / divisor;
      store<f32>(place + ((<usize>label * inner + j) << 2), 0 - weightOf(weight, label) * grad);
    }
  }
}
