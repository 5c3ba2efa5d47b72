import type { Generator } from "../core/generator.ts";
import { option, readOptions } from "../core/options.ts";
import { permutation } from "../core/random.ts";
import { DataError } from "../errors.ts";
import type { Dataset } from "./dataset.ts";
import { checkIndices } from "./indices.ts";

/** Some of the samples of another data set. */
export class Subset<Batch> implements Dataset<Batch> {
  readonly length: number;
  readonly #dataset: Dataset<Batch>;
  readonly #indices: Int32Array;

  /** `indices` may be a number: the first so many samples. */
  constructor(dataset: Dataset<Batch>, indices: number | ArrayLike<number>) {
    this.#dataset = dataset;
    this.#indices =
      typeof indices === "number"
        ? Int32Array.from({ length: Math.min(indices, dataset.length) }, (_, index) => index)
        : Int32Array.from(indices);
    checkIndices("Subset", this.#indices, dataset.length);
    this.length = this.#indices.length;
  }

  /** The numbers of its samples in the other data set. */
  get indices(): Int32Array {
    return this.#indices.slice();
  }

  batch(indices: ArrayLike<number>): Batch {
    return this.#dataset.batch(this.#inside(indices));
  }

  async prepare(indices: ArrayLike<number>): Promise<() => Batch> {
    return prepared(this.#dataset, this.#inside(indices));
  }

  #inside(indices: ArrayLike<number>): Int32Array {
    checkIndices("Subset", indices, this.length);
    return Int32Array.from(indices, (index) => this.#indices[index]!);
  }
}

/** Waits for samples where that is needed, and returns what makes the batch. */
export async function prepared<Batch>(dataset: Dataset<Batch>, indices: ArrayLike<number>): Promise<() => Batch> {
  return dataset.prepare ? dataset.prepare(indices) : () => dataset.batch(indices);
}

/**
 * Parts of a data set that have no sample in common, in random order: `randomSplit(dataset, [0.8, 0.2])`. Lengths are numbers of samples
 * that sum to all of them, or shares that sum to 1; shares are rounded down, and what is left goes to the parts in turn. With PyTorch's
 * order for the same seed.
 *
 * @throws DataError where lengths do not sum to the whole.
 */
export function randomSplit<Batch>(
  dataset: Dataset<Batch>,
  lengths: readonly number[],
  options: { readonly generator?: Generator | undefined } = {},
): Subset<Batch>[] {
  const known = { generator: option<Generator | undefined>(undefined, "a Generator", (one) => one instanceof Object) };
  const { generator } = readOptions("randomSplit", options, known);
  const sizes = sizesOf(dataset.length, lengths);
  const order = permutation(dataset.length, generator);
  let from = 0;
  return sizes.map((size) => {
    from += size;
    return new Subset(dataset, order.subarray(from - size, from));
  });
}

function sizesOf(total: number, lengths: readonly number[]): number[] {
  const sum = lengths.reduce((a, b) => a + b, 0);
  if (!lengths.every((length) => length >= 0) || lengths.length === 0) {
    throw new DataError(`randomSplit: lengths must be at least 0, got [${lengths.join(", ")}]`);
  }
  if (lengths.every(Number.isInteger) && sum === total) return [...lengths];
  if (Math.abs(sum - 1) > 1e-9) {
    throw new DataError(
      `randomSplit: lengths [${lengths.join(", ")}] sum to ${sum}, but must sum to the ${total} samples, or to 1`,
    );
  }
  const sizes = lengths.map((share) => Math.floor(total * share));
  const left = total - sizes.reduce((a, b) => a + b, 0);
  for (let k = 0; k < left; k++) sizes[k % sizes.length]!++;
  return sizes;
}
