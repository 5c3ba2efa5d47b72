import type { Dataset } from "./dataset.ts";
import { prepared } from "./subset.ts";

/** Another data set whose batches go through a function: to augment, normalise or rename. It runs in the loop's scope. */
export class MapDataset<From, Batch> implements Dataset<Batch> {
  readonly dataset: Dataset<From>;
  readonly #change: (batch: From) => Batch;

  constructor(dataset: Dataset<From>, change: (batch: From) => Batch) {
    this.dataset = dataset;
    this.#change = change;
  }

  get length(): number {
    return this.dataset.length;
  }

  batch(indices: ArrayLike<number>): Batch {
    return this.#change(this.dataset.batch(indices));
  }

  async prepare(indices: ArrayLike<number>): Promise<() => Batch> {
    const make = await prepared(this.dataset, indices);
    return () => this.#change(make());
  }
}
