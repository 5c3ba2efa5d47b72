import { oneOf, readOptions } from "../core/options.ts";
import { ShapeError } from "../errors.ts";
import { checkedLabels, classesOf, type Numbers, paired } from "./labels.ts";

/**
 * Counts by the true class (row) and the predicted one (column). `classes` is how many there are; by default one more
 * than the largest.
 */
export function confusionMatrix(output: Numbers, labels: Numbers, classes?: number): number[][] {
  const [found, wanted] = paired("confusionMatrix", classesOf("confusionMatrix", output), labels);
  checkedLabels("confusionMatrix", wanted);
  checkedLabels("confusionMatrix", found);
  let largest = 0;
  for (let index = 0; index < found.length; index++) largest = Math.max(largest, found[index]!, wanted[index]!);
  const size = classes ?? largest + 1;
  if (largest >= size) throw new ShapeError(`confusionMatrix: class ${largest} is beyond the ${size} classes`);
  const counts = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (let index = 0; index < found.length; index++) counts[wanted[index]!]![found[index]!]!++;
  return counts;
}

/**
 * How the figures of several classes become one: `"macro"` is their mean, `"weighted"` weighs them by their number of
 * samples, `"micro"` counts all samples together, `"binary"` is that of class 1.
 */
export type Average = "macro" | "weighted" | "micro" | "binary";

export interface AverageOptions {
  readonly average: Average;
}

const known = { average: oneOf<Average>("macro", "weighted", "micro", "binary") };

/** Of the samples that were put into a class, the share that belongs there. A class that nothing was put into has 0. */
export function precision(output: Numbers, labels: Numbers, options: Partial<AverageOptions> | Average = {}): number {
  return averaged("precision", output, labels, options, ({ right, found }) => ratio(right, found));
}

/** Of the samples of a class, the share that was put into it. A class without samples has 0. */
export function recall(output: Numbers, labels: Numbers, options: Partial<AverageOptions> | Average = {}): number {
  return averaged("recall", output, labels, options, ({ right, there }) => ratio(right, there));
}

/** The harmonic mean of precision and recall: 2·right / (found + there). */
export function f1Score(output: Numbers, labels: Numbers, options: Partial<AverageOptions> | Average = {}): number {
  return averaged("f1Score", output, labels, options, ({ right, found, there }) => ratio(2 * right, found + there));
}

/** Samples of a class that were found right, all that were put into it, and all that belong to it. */
interface Counts {
  readonly right: number;
  readonly found: number;
  readonly there: number;
}

function averaged(
  metric: string,
  output: Numbers,
  labels: Numbers,
  options: Partial<AverageOptions> | Average,
  figure: (counts: Counts) => number,
): number {
  const { average } = readOptions<AverageOptions>(metric, options, known);
  const matrix = confusionMatrix(output, labels);
  const counts = matrix.map((row, index): Counts => {
    const found = matrix.reduce((sum, other) => sum + other[index]!, 0);
    return { right: row[index]!, found, there: row.reduce((a, b) => a + b, 0) };
  });
  const total = counts.reduce((sum, { there }) => sum + there, 0);
  if (average === "binary") return counts[1] ? figure(counts[1]) : 0;
  if (average === "micro") {
    const right = counts.reduce((sum, one) => sum + one.right, 0);
    return figure({ right, found: total, there: total });
  }
  if (average === "weighted") return counts.reduce((sum, one) => sum + (figure(one) * one.there) / total, 0);
  // As in scikit-learn, a class that is neither there nor found does not count.
  const seen = counts.filter(({ found, there }) => found + there > 0);
  return seen.reduce((sum, one) => sum + figure(one), 0) / seen.length;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
