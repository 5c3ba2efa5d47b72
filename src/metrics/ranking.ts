import type { Tensor } from "../core/tensor.ts";
import { DataError } from "../errors.ts";
import { rankOf } from "./accuracy.ts";
import { checkedLabels, type Numbers, paired, scored, valuesOf } from "./labels.ts";

/**
 * The area under the receiver operating curve: the chance that a sample of class 1 scores higher than one of class 0,
 * where equal scores count half. `scores` [N] grow with the chance of class 1, `labels` [N] are 0 and 1.
 *
 * @throws DataError where one of the two classes is missing.
 */
export function rocAuc(scores: Numbers, labels: Numbers): number {
  const [own, wanted] = paired("rocAuc", valuesOf(scores), labels);
  checkedLabels("rocAuc", wanted);
  const order = Array.from({ length: own.length }, (_, index) => index).sort((a, b) => own[a]! - own[b]!);
  let positives = 0;
  let ranks = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && own[order[to]!] === own[order[from]!]) to++;
    if (to === from) throw new DataError(`rocAuc: score ${order[from]} is ${own[order[from]!]}`);
    for (let place = from; place < to; place++) {
      if (wanted[order[place]!] === 0) continue;
      positives++;
      ranks += (from + to + 1) / 2;
    }
  }
  const negatives = own.length - positives;
  if (positives === 0 || negatives === 0) {
    throw new DataError(`rocAuc: ${positives} samples of class 1 and ${negatives} of class 0; both are needed`);
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Of the users (rows of scores [U, items]), the share whose wanted item is among the `k` with the largest scores. */
export function hitRate(scores: Tensor, items: Numbers, k = 10): number {
  const [own, columns] = scored("hitRate", scores, items, k);
  const { data } = scores;
  let hits = 0;
  for (let row = 0; row < own.length; row++) if (rankOf(data, row * columns, columns, own[row]!) < k) hits++;
  return hits / own.length;
}

/**
 * Samples whose predicted chance lies in one range: how many, the mean of the chances, and the share that is of class
 * 1.
 */
export interface CalibrationBin {
  readonly count: number;
  readonly predicted: number;
  readonly observed: number;
}

/**
 * Whether chances mean what they say: samples sorted by their predicted chance of class 1 into `bins` equal ranges from
 * 0 to 1, those without samples left out.
 */
export function calibrationCurve(probabilities: Numbers, labels: Numbers, bins = 10): CalibrationBin[] {
  const [own, wanted] = paired("calibrationCurve", valuesOf(probabilities), labels);
  checkedLabels("calibrationCurve", wanted);
  const sums = Array.from({ length: bins }, () => ({ count: 0, predicted: 0, observed: 0 }));
  for (let index = 0; index < own.length; index++) {
    const chance = own[index]!;
    if (!(chance >= 0 && chance <= 1)) {
      throw new DataError(`calibrationCurve: probability ${index} is ${chance}; apply sigmoid or softmax first`);
    }
    const bin = sums[Math.min(bins - 1, Math.floor(chance * bins))]!;
    bin.count++;
    bin.predicted += chance;
    bin.observed += wanted[index]! > 0 ? 1 : 0;
  }
  return sums
    .filter(({ count }) => count > 0)
    .map(({ count, predicted, observed }) => ({ count, predicted: predicted / count, observed: observed / count }));
}

/**
 * The mean distance between predicted and observed over the bins of the calibration curve, weighed by their samples.
 */
export function calibrationError(probabilities: Numbers, labels: Numbers, bins = 10): number {
  const curve = calibrationCurve(probabilities, labels, bins);
  const total = curve.reduce((sum, { count }) => sum + count, 0);
  return curve.reduce(
    (sum, { count, predicted, observed }) => sum + (count / total) * Math.abs(predicted - observed),
    0,
  );
}
