/** What all metrics of classes share: tensors read as plain numbers, and checked. */
import { show } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { DtypeError, OptionError, ShapeError } from "../errors.ts";

/** A list of numbers, which a metric takes as well as a tensor. */
export type Numbers = Tensor | ArrayLike<number>;

/** Predicted classes, or scores [N, C] whose largest names the class (the first of equal ones). */
export function classesOf(metric: string, output: Numbers): ArrayLike<number> {
  if (!isTensor(output) || output.rank === 1) return valuesOf(output);
  if (output.rank !== 2) {
    throw new ShapeError(`${metric}: the output must be classes [N] or scores [N, C], got ${show(output.shape)}`);
  }
  const [rows, columns] = output.shape as readonly [number, number];
  const { data } = output;
  return Int32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let column = 1; column < columns; column++) {
      if (data[row * columns + column]! > data[row * columns + best]!) best = column;
    }
    return best;
  });
}

/** The two lists of a metric, of one length. */
export function paired(
  metric: string,
  output: ArrayLike<number>,
  target: Numbers,
): readonly [ArrayLike<number>, ArrayLike<number>] {
  const other = valuesOf(target);
  if (output.length !== other.length || output.length === 0) {
    throw new ShapeError(
      `${metric}: ${output.length} outputs and ${other.length} targets; there must be as many of each, and some`,
    );
  }
  return [output, other];
}

/** Labels that are whole numbers from 0 on. */
export function checkedLabels(metric: string, labels: ArrayLike<number>): void {
  for (let index = 0; index < labels.length; index++) {
    if (Number.isInteger(labels[index]) && labels[index]! >= 0) continue;
    throw new DtypeError(`${metric}: label ${index} is ${labels[index]}; labels are whole numbers from 0 on`);
  }
}

/** The scores of a metric of rankings: [N, C], with one label a row. */
export function scored(
  metric: string,
  scores: Tensor,
  labels: Numbers,
  k: number,
): readonly [ArrayLike<number>, number] {
  if (scores.rank !== 2) throw new ShapeError(`${metric}: scores must be [N, C], got ${show(scores.shape)}`);
  if (!Number.isInteger(k) || k < 1)
    throw new OptionError(`${metric}: k must be a whole number of at least 1, got ${k}`);
  const [rows, columns] = scores.shape as readonly [number, number];
  const own = valuesOf(labels);
  paired(metric, { length: rows }, own);
  checkedLabels(metric, own);
  for (let row = 0; row < rows; row++) {
    if (own[row]! >= columns) {
      throw new ShapeError(
        `${metric}: label ${row} is ${own[row]}, but there are scores for ${columns} (${show(scores.shape)})`,
      );
    }
  }
  return [own, columns];
}

export function valuesOf(values: Numbers): ArrayLike<number> {
  return isTensor(values) ? values.data : values;
}

function isTensor(values: Numbers): values is Tensor {
  return "dtype" in values;
}
