/** How well a model reads the test images, and which it misreads. */
import { argmax, data, type nn, noGrad, softmax, type Tensor } from "../../index.ts";
import { accuracyOf, type Confusion } from "../confusion.ts";
import { type Shown, sheetOf } from "./pixels.ts";

export interface Mistake {
  /** The image's number in the test set. */
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** The probability that the model gave its wrong answer. */
  readonly confidence: number;
  readonly image: Shown;
}

export interface Reading {
  readonly images: number;
  readonly accuracy: number;
  readonly confusion: Confusion;
  readonly mistakes: number;
  /** Those that the model was surest of, the surest first. */
  readonly worst: readonly Mistake[];
}

const batchSize = 250;

/** Runs `model` in evaluation mode on every image of `dataset`; `shown` is how many mistakes come with a picture. */
export function readAll(model: nn.Module, dataset: data.ImageDataset, shown: number): Reading {
  const counts = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  const mistakes: Omit<Mistake, "image">[] = [];
  let first = 0;
  const wasTraining = model.training;
  model.eval();
  noGrad(() => {
    for (const { images, labels } of new data.DataLoader(dataset, { batchSize })) {
      const logits: Tensor = model.forward(images);
      const predictions = argmax(logits, -1).data.slice();
      const probabilities = softmax(logits, -1).data.slice();
      const classes = logits.shape[1]!;
      labels.data.forEach((label: number, row: number) => {
        const predicted = predictions[row]!;
        counts[label]![predicted]!++;
        if (predicted === label) return;
        mistakes.push({ index: first + row, label, predicted, confidence: probabilities[row * classes + predicted]! });
      });
      first += labels.size;
    }
  });
  if (wasTraining) model.train();
  mistakes.sort((a, b) => b.confidence - a.confidence || a.index - b.index);
  return {
    images: dataset.length,
    accuracy: accuracyOf(counts),
    confusion: counts,
    mistakes: mistakes.length,
    worst: mistakes.slice(0, shown).map((mistake) => {
      using batch = dataset.batch([mistake.index]).images;
      return { ...mistake, image: sheetOf(batch) };
    }),
  };
}
