import type { Generator } from "../core/generator.ts";
import { openScope } from "../core/scope.ts";
import { DataError } from "../errors.ts";
import type { Dataset } from "./dataset.ts";
import { indexBatches } from "./sampler.ts";

export interface DataLoaderOptions {
  /** Samples a batch. 1 by default. */
  readonly batchSize?: number;
  /** Whether the order is random, anew in each epoch. False by default. */
  readonly shuffle?: boolean;
  /** Whether a last batch that is not full is left out. False by default. */
  readonly dropLast?: boolean;
  /** What to draw the order from; by default the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

/**
 * Goes through a data set in batches, in PyTorch's order for the same seed. Each turn of a loop over it is a scope: what the loop's
 * body makes ends with the turn, also by `break` or an error, unless it is kept; parameters, gradients and optimiser state stay.
 *
 *     for (const { images, labels } of new DataLoader(mnist("train"), { batchSize: 64, shuffle: true })) { … }
 */
export class DataLoader<Batch> implements Iterable<Batch> {
  readonly dataset: Dataset<Batch>;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly #generator: Generator | undefined;

  /** @throws DataError where the batch size is not a whole number of at least 1. */
  constructor(dataset: Dataset<Batch>, options: DataLoaderOptions = {}) {
    const { batchSize = 1, shuffle = false, dropLast = false, generator } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new DataError(`DataLoader: batchSize ${batchSize} must be a whole number of at least 1`);
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.dropLast = dropLast;
    this.#generator = generator;
  }

  /** The number of batches of an epoch. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  [Symbol.iterator](): Iterator<Batch, undefined, undefined> {
    const { batchSize, shuffle, dropLast } = this;
    const options = { batchSize, shuffle, dropLast, generator: this.#generator };
    return turns(this.dataset, indexBatches(this.dataset.length, options));
  }
}

function* turns<Batch>(
  dataset: Dataset<Batch>,
  batches: Iterable<ArrayLike<number>>,
): IterableIterator<Batch, undefined, undefined> {
  for (const indices of batches) {
    const scope = openScope("batch");
    try {
      yield dataset.batch(indices);
    } finally {
      scope.close();
    }
  }
}
