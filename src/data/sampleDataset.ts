import { DataError } from "../errors.ts";
import { type Collated, collate, type Dtypes } from "./collate.ts";
import type { Dataset } from "./dataset.ts";
import { checkIndices } from "./indices.ts";

/** Samples one by one, as PyTorch's `__len__` and `__getitem__` give them; `get` may return a promise. */
export interface Samples<Sample> {
  readonly length: number;
  get(index: number): Sample | Promise<Sample>;
}

export interface CollateOptions<Sample, Batch> {
  /** Puts a batch together from samples; by default `data.collate`. */
  readonly collate?: ((samples: readonly Sample[]) => Batch) | undefined;
  /** The dtypes of numbers, where they are not float32: `{ label: "int32" }`. */
  readonly dtypes?: Dtypes | undefined;
}

/**
 * A data set from a function of the sample's number: `new SampleDataset(images.length, (index) => ({ image: images[index], label: 3 }))`, or
 * from an object with `length` and `get`, or a list of samples.
 */
export class SampleDataset<Sample, Batch = Collated<Sample>> implements Dataset<Batch> {
  readonly length: number;
  readonly #get: (index: number) => Sample | Promise<Sample>;
  readonly #collate: (samples: readonly Sample[]) => Batch;

  constructor(
    length: number,
    get: (index: number) => Sample | Promise<Sample>,
    options?: CollateOptions<Sample, Batch>,
  );
  constructor(samples: Samples<Sample> | readonly Sample[], options?: CollateOptions<Sample, Batch>);
  constructor(
    first: number | Samples<Sample> | readonly Sample[],
    second?: ((index: number) => Sample | Promise<Sample>) | CollateOptions<Sample, Batch>,
    third?: CollateOptions<Sample, Batch>,
  ) {
    const [length, get] = readerOf(first, second);
    if (!Number.isInteger(length) || length < 0 || typeof get !== "function") {
      throw new DataError(
        `SampleDataset: ${length} samples and ${typeof get === "function" ? "a function" : "no function get"}; give a length and (index) => sample, or an object with both`,
      );
    }
    const options = (typeof second === "function" ? third : second) ?? {};
    this.length = length;
    this.#get = get;
    this.#collate = options.collate ?? ((samples) => collate(samples, options.dtypes) as Batch);
  }

  batch(indices: ArrayLike<number>): Batch {
    checkIndices("SampleDataset", indices, this.length);
    return this.#collate(
      Array.from(indices, (index) => {
        const sample = this.#get(index);
        if (!(sample instanceof Promise)) return sample;
        sample.catch(() => {});
        throw new DataError(`SampleDataset: sample ${index} is a promise; go through the loader by for await (…)`);
      }),
    );
  }

  async prepare(indices: ArrayLike<number>): Promise<() => Batch> {
    checkIndices("SampleDataset", indices, this.length);
    const samples = await Promise.all(Array.from(indices, (index) => this.#get(index)));
    return () => this.#collate(samples);
  }
}

function readerOf<Sample>(
  first: number | Samples<Sample> | readonly Sample[],
  second: unknown,
): readonly [number, (index: number) => Sample | Promise<Sample>] {
  if (typeof first === "number") return [first, second as (index: number) => Sample];
  if (Array.isArray(first)) return [first.length, (index) => first[index]];
  const samples = first as Samples<Sample>;
  return [samples?.length, typeof samples?.get === "function" ? (index) => samples.get(index) : (undefined as never)];
}
