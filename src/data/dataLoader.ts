import type { Generator } from "../core/generator.ts";
import { openScope } from "../core/scope.ts";
import { DataError, StateDictError } from "../errors.ts";
import type { Dataset } from "./dataset.ts";
import { type Epoch, type EpochState, indexBatches } from "./sampler.ts";

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

/** Where a loader stands. */
export interface DataLoaderStateDict {
  /** What the epoch's order depends on; another loader cannot take over. */
  readonly samples: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  /** The epoch under way, or null between two. */
  readonly epoch: EpochState | null;
  /** The state of a generator of the loader's own. */
  readonly generator: Uint8Array | null;
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
  /** The epoch that was begun last, until it ends. */
  #epoch: Epoch | undefined;
  /** Where the next loop goes on, once. */
  #from: EpochState | undefined;

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
    const epoch = indexBatches(this.dataset.length, options, this.#from);
    this.#from = undefined;
    this.#epoch = epoch;
    return turns(this.dataset, epoch, () => {
      if (this.#epoch === epoch) this.#epoch = undefined;
    });
  }

  /**
   * Where it stands, also in the middle of an epoch: within the loop's body, the batch under way counts as done. The generator that
   * `manualSeed` seeds is not part of it.
   */
  stateDict(): DataLoaderStateDict {
    const { batchSize, shuffle, dropLast } = this;
    const epoch = this.#epoch?.state ?? this.#from ?? null;
    const generator = this.#generator?.getState() ?? null;
    return { samples: this.dataset.length, batchSize, shuffle, dropLast, epoch, generator };
  }

  /**
   * The next loop over it goes on where `stateDict` was taken: with the batches that are left of that epoch, which may be none.
   *
   * @throws StateDictError where the data set's length or the options differ; then nothing was changed.
   */
  loadStateDict(saved: DataLoaderStateDict): void {
    const own = this.stateDict();
    const differing = (["samples", "batchSize", "shuffle", "dropLast"] as const).filter((n) => saved[n] !== own[n]);
    const problems = differing.map((name) => `${name} is ${own[name]} here but ${saved[name]} there`);
    if ((saved.generator === null) !== (own.generator === null)) {
      problems.push(`a generator of its own is given only ${own.generator ? "here" : "there"}`);
    }
    const batches = saved.epoch?.batches ?? 0;
    if (!(Number.isInteger(batches) && batches >= 0 && batches <= this.length)) {
      problems.push(`${batches} batches are done there, but an epoch has ${this.length}`);
    }
    if (problems.length > 0) throw new StateDictError(`loadStateDict: ${problems.join("; ")}; nothing was changed`);
    if (saved.generator) this.#generator!.setState(saved.generator);
    this.#epoch = undefined;
    this.#from = saved.epoch ?? undefined;
  }
}

function* turns<Batch>(
  dataset: Dataset<Batch>,
  batches: Iterable<ArrayLike<number>>,
  ended: () => void,
): IterableIterator<Batch, undefined, undefined> {
  for (const indices of batches) {
    const scope = openScope("batch");
    try {
      yield dataset.batch(indices);
    } finally {
      scope.close();
    }
  }
  ended();
}
