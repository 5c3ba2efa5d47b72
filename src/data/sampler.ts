import { defaultGenerator, Generator } from "../core/generator.ts";
import { permutation } from "../core/random.ts";

export interface SamplerOptions {
  readonly batchSize: number;
  /** Whether the order is random. */
  readonly shuffle: boolean;
  /** Whether a last batch that is not full is left out. */
  readonly dropLast: boolean;
  /** What to draw from; by default the generator that `manualSeed` seeds. */
  readonly generator?: Generator | undefined;
}

/**
 * The indices of one epoch over `size` samples, batch by batch, in the order and with the draws of PyTorch's `DataLoader`:
 * the call draws 63 bits (there, the seed of its worker processes) whether it shuffles or not; the first batch draws 63 more,
 * which seed a generator of the epoch's own, and that permutes the indices. A generator that is given permutes them itself, and
 * once more when they are used up, for the part of a second round that there is not.
 */
export function indexBatches(size: number, options: SamplerOptions): IterableIterator<Int32Array<ArrayBuffer>> {
  (options.generator ?? defaultGenerator).random63();
  return walk(size, options);
}

function* walk(size: number, { batchSize, shuffle, dropLast, generator }: SamplerOptions) {
  const order = shuffle
    ? permutation(size, generator ?? new Generator(defaultGenerator.random63()))
    : Int32Array.from({ length: size }, (_, index) => index);
  let from = 0;
  for (; from + batchSize <= size; from += batchSize) yield order.subarray(from, from + batchSize);
  if (shuffle && generator) permutation(size, generator);
  if (from < size && !dropLast) yield order.subarray(from);
}
