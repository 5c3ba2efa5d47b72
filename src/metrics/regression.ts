import { type Numbers, paired, valuesOf } from "./labels.ts";

/** √ of the mean of (output − target)², summed in float64. */
export function rmse(output: Numbers, target: Numbers): number {
  const [found, wanted] = paired("rmse", valuesOf(output), target);
  return Math.sqrt(mean(found.length, (index) => (found[index]! - wanted[index]!) * (found[index]! - wanted[index]!)));
}

/** The mean of |output − target|. */
export function meanAbsoluteError(output: Numbers, target: Numbers): number {
  const [found, wanted] = paired("meanAbsoluteError", valuesOf(output), target);
  return mean(found.length, (index) => Math.abs(found[index]! - wanted[index]!));
}

function mean(count: number, term: (index: number) => number): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += term(index);
  return sum / count;
}
