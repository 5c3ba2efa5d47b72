/** Accuracy and the confusion matrix of a classifier on labelled images. */
import Table from "cli-table3";
import { argmax, data, type nn, noGrad } from "../index.ts";
import { breathe } from "./interrupt.ts";

/** `counts[label][prediction]`. */
export type Confusion = readonly (readonly number[])[];

/** Images a forward pass takes at once: enough to keep the kernels busy, small enough for the caches. */
const batchSize = 250;

/** Runs `model` in evaluation mode on every image of `dataset` and counts what it says, for ten classes. */
export async function evaluate(model: nn.Module, dataset: data.ImageDataset): Promise<Confusion> {
  const counts = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  const wasTraining = model.training;
  model.eval();
  for (const { images, labels } of new data.DataLoader(dataset, { batchSize })) {
    const predicted = noGrad(() => argmax(model.forward(images), -1)).data;
    const actual = labels.data;
    for (let index = 0; index < actual.length; index++) counts[actual[index]!]![predicted[index]!]!++;
    await breathe();
  }
  if (wasTraining) model.train();
  return counts;
}

/** The share of images on the diagonal. */
export function accuracyOf(confusion: Confusion): number {
  let right = 0;
  let all = 0;
  confusion.forEach((row, label) => {
    right += row[label]!;
    for (const count of row) all += count;
  });
  return right / all;
}

/** The matrix as a table: a row for each true digit, a column for each prediction. */
export function confusionTable(confusion: Confusion): string {
  const digits = confusion.map((_, digit) => String(digit));
  const table = new Table({
    head: ["true \\ predicted", ...digits, "right"],
    colAligns: ["right", ...digits.map(() => "right" as const), "right"],
    style: { head: [], border: [], compact: true },
  });
  confusion.forEach((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const share = total === 0 ? "–" : percent(row[label]! / total);
    table.push([String(label), ...row.map((count) => (count === 0 ? "·" : String(count))), share]);
  });
  return table.toString();
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
