import type { Tensor } from "../core/tensor.ts";
import { classesOf, type Numbers, paired, scored } from "./labels.ts";

/**
 * The share of samples whose class is right. `output` is scores [N, C], of which the largest names the class, or
 * classes [N]; `labels` [N].
 *
 * @throws ShapeError where there are not as many of each.
 */
export function accuracy(output: Numbers, labels: Numbers): number {
  const [found, wanted] = paired("accuracy", classesOf("accuracy", output), labels);
  let right = 0;
  for (let index = 0; index < found.length; index++) if (found[index] === wanted[index]) right++;
  return right / found.length;
}

/**
 * The share of samples whose label is among the `k` largest of their scores [N, C]; of equal scores the earlier is the
 * larger.
 */
export function topKAccuracy(scores: Tensor, labels: Numbers, k = 5): number {
  const [own, columns] = scored("topKAccuracy", scores, labels, k);
  const { data } = scores;
  let right = 0;
  for (let row = 0; row < own.length; row++) if (rankOf(data, row * columns, columns, own[row]!) < k) right++;
  return right / own.length;
}

/** How many of a row's scores come before one of them. */
export function rankOf(data: ArrayLike<number>, from: number, columns: number, label: number): number {
  const own = data[from + label]!;
  let before = 0;
  for (let column = 0; column < columns; column++) {
    const other = data[from + column]!;
    // A NaN comes before everything: a model that gives NaN is not right by it.
    if (other > own || Number.isNaN(own) || (other === own && column < label)) before++;
  }
  return before;
}
