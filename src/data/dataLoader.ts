import { Generator } from "../core/generator.ts";
import { described, flag, type OptionsOf, option, readOptions, whole } from "../core/options.ts";
import { openScope } from "../core/scope.ts";
import { Tensor } from "../core/tensor.ts";
import { DataError, OptionError, StateDictError } from "../errors.ts";
import type { Collated, Dtypes } from "./collate.ts";
import type { Dataset } from "./dataset.ts";
import { type CollateOptions, SampleDataset, type Samples } from "./sampleDataset.ts";
import { type Epoch, type EpochState, indexBatches } from "./sampler.ts";
import { prepared } from "./subset.ts";

/** Indices in an order of its own: `WeightedRandomSampler`, or any list. */
export interface Sampler extends Iterable<number> {
  readonly length: number;
}

export interface DataLoaderOptions {
  /** Samples a batch. 1 by default. */
  readonly batchSize?: number;
  /** Whether the order is random, anew in each epoch. False by default. */
  readonly shuffle?: boolean;
  /** Whether a last batch that is not full is left out. False by default. */
  readonly dropLast?: boolean;
  /** What to draw the order from; by default the generator that `manualSeed` seeds. */
  readonly generator?: Generator | undefined;
  /** The indices of each epoch; not together with `shuffle`. */
  readonly sampler?: Sampler | undefined;
}

const known: OptionsOf<Required<DataLoaderOptions & CollateOptions<never, unknown>>> = {
  batchSize: whole(1, 1),
  shuffle: flag(false),
  dropLast: flag(false),
  generator: option<Generator | undefined>(undefined, "a Generator", (value) => value instanceof Generator),
  sampler: option<Sampler | undefined>(undefined, "a list of indices with a length", isSampler),
  collate: option<CollateOptions<never, unknown>["collate"]>(
    undefined,
    "a function of samples",
    (value) => typeof value === "function",
  ),
  dtypes: option<Dtypes | undefined>(undefined, "a dtype, or one for each field", (value) =>
    ["string", "object"].includes(typeof value),
  ),
};

function isSampler(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.iterator in value && "length" in value;
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
 *
 * Besides data sets that give batches it takes samples one by one, `{ length, get(index) }` or a list, and puts them together with
 * `collate` (`data.collate` by default). Where samples have to be waited for, `for await (…)` loads the next batch while the loop's body
 * works on the present one.
 */
class Loader<Batch> implements Iterable<Batch>, AsyncIterable<Batch> {
  readonly dataset: Dataset<Batch>;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly #generator: Generator | undefined;
  readonly #sampler: Sampler | undefined;
  /** The epoch that was begun last, until it ends. */
  #epoch: { readonly state: EpochState | undefined } | undefined;
  /** Where the next loop goes on, once. */
  #from: EpochState | undefined;

  constructor(dataset: unknown, options: DataLoaderOptions = {}) {
    const { batchSize, shuffle, dropLast, generator, sampler, collate, dtypes } = readOptions(
      "DataLoader",
      options,
      known,
    );
    if (sampler && shuffle) throw new OptionError("DataLoader: a sampler gives the order itself; leave shuffle out");
    this.dataset = datasetOf<Batch>(dataset, { collate: collate as CollateOptions<unknown, Batch>["collate"], dtypes });
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.dropLast = dropLast;
    this.#generator = generator;
    this.#sampler = sampler;
  }

  /** The number of batches of an epoch. */
  get length(): number {
    const batches = this.#size / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  [Symbol.iterator](): Iterator<Batch, undefined, undefined> {
    const epoch = this.#begun();
    this.#epoch = epoch;
    return turns(this.dataset, epoch, () => this.#ended(epoch));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, undefined, undefined> {
    for await (const make of this.prepared()) {
      const scope = openScope("batch");
      try {
        yield make();
      } finally {
        scope.close();
      }
    }
  }

  /**
   * The batches of an epoch before their tensors are made: each is a function that makes them, in the scope where it is called. For loops
   * that await between batches and want no scope open meanwhile.
   */
  async *prepared(): AsyncGenerator<() => Batch, undefined, undefined> {
    const epoch = this.#begun();
    // The epoch itself is one batch ahead of the loop.
    const standing: { state: EpochState | undefined } = { state: undefined };
    this.#epoch = standing;
    let coming = this.#loading(epoch);
    while (coming) {
      const { ready, state } = coming;
      const make = await ready;
      coming = this.#loading(epoch);
      standing.state = state;
      yield make;
    }
    this.#ended(standing);
  }

  /**
   * Where it stands, also in the middle of an epoch: within the loop's body, the batch under way counts as done. The generator that
   * `manualSeed` seeds is not part of it.
   */
  stateDict(): DataLoaderStateDict {
    const { batchSize, shuffle, dropLast } = this;
    const epoch = this.#epoch?.state ?? this.#from ?? null;
    const generator = this.#generator?.getState() ?? null;
    return { samples: this.#size, batchSize, shuffle, dropLast, epoch, generator };
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

  /** How many samples an epoch has. */
  get #size(): number {
    return this.#sampler ? this.#sampler.length : this.dataset.length;
  }

  #begun(): Epoch {
    const { batchSize, shuffle, dropLast } = this;
    const options = { batchSize, shuffle, dropLast, generator: this.#generator, sampler: this.#sampler };
    const epoch = indexBatches(this.#size, options, this.#from);
    this.#from = undefined;
    return epoch;
  }

  #ended(epoch: object): void {
    if (this.#epoch === epoch) this.#epoch = undefined;
  }

  /** The next batch on its way. */
  #loading(epoch: Epoch): { ready: Promise<() => Batch>; state: EpochState | undefined } | undefined {
    const { done, value } = epoch.next();
    if (done) return undefined;
    const ready = prepared(this.dataset, value);
    // Whoever awaits it sees the error; a loop that was left does not.
    ready.catch(() => {});
    return { ready, state: epoch.state };
  }
}

export interface DataLoader<Batch> extends Loader<Batch> {}

/**
 * @throws OptionError for unknown options, a batch size that is not a whole number of at least 1, and a sampler besides `shuffle`;
 * DataError for what is no data set.
 */
export const DataLoader = Loader as {
  new <Batch>(dataset: Dataset<Batch>, options?: DataLoaderOptions): DataLoader<Batch>;
  new <Sample, Batch>(
    samples: Samples<Sample> | readonly Sample[],
    options: DataLoaderOptions & { readonly collate: (samples: readonly Sample[]) => Batch },
  ): DataLoader<Batch>;
  new <Sample>(
    samples: Samples<Sample> | readonly Sample[],
    options?: DataLoaderOptions & { readonly dtypes?: Dtypes },
  ): DataLoader<Collated<Sample>>;
};

function datasetOf<Batch>(given: unknown, options: CollateOptions<unknown, Batch>): Dataset<Batch> {
  if (typeof given === "object" && given !== null && !(given instanceof Tensor)) {
    if ("batch" in given && typeof given.batch === "function") {
      if (options.collate || options.dtypes) {
        throw new OptionError("DataLoader: the data set gives batches itself; collate and dtypes are for samples");
      }
      return given as Dataset<Batch>;
    }
    if (Array.isArray(given) || "get" in given) return new SampleDataset(given as Samples<unknown>, options);
  }
  throw new DataError(
    `DataLoader: a data set has a length and batch(indices) or get(index), or is a list of samples; got ${described(given)}`,
  );
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
