import { defaultGenerator, Generator } from "../core/generator.ts";
import { permutation } from "../core/random.ts";
import { DataError } from "../errors.ts";

export interface SamplerOptions {
  readonly batchSize: number;
  /** Whether the order is random. */
  readonly shuffle: boolean;
  /** Whether a last batch that is not full is left out. */
  readonly dropLast: boolean;
  /** What to draw from; by default the generator that `manualSeed` seeds. */
  readonly generator?: Generator | undefined;
  /** The indices of an epoch, in place of all of them in order or at random. */
  readonly sampler?: Iterable<number> | undefined;
}

/** Where an epoch stands: what its order was drawn from, and how many of its batches were handed out. */
export interface EpochState {
  /** The seed that the common generator gave; undefined where the order is not random, or a generator of one's own drew it. */
  readonly seed?: bigint;
  /** The state of a generator of one's own before it drew the order. */
  readonly drawnFrom?: Uint8Array;
  /** The order itself, where a sampler gave it. */
  readonly order?: Int32Array<ArrayBuffer>;
  readonly batches: number;
}

/**
 * The indices of one epoch over `size` samples, batch by batch, in the order and with the draws of PyTorch's `DataLoader`:
 * the call draws 63 bits (there, the seed of its worker processes) whether it shuffles or not; the first batch draws 63 more,
 * which seed a generator of the epoch's own, and that permutes the indices. A generator that is given permutes them itself, and
 * once more when they are used up, for the part of a second round that there is not.
 *
 * With `from` it goes on where another epoch stood, and draws nothing that was drawn before.
 */
export function indexBatches(size: number, options: SamplerOptions, from?: EpochState): Epoch {
  return new Epoch(size, options, from);
}

export class Epoch implements IterableIterator<Int32Array<ArrayBuffer>> {
  #state: EpochState | undefined;
  readonly #batches: Iterator<Int32Array<ArrayBuffer>>;

  constructor(size: number, options: SamplerOptions, from?: EpochState) {
    if (!from) (options.generator ?? defaultGenerator).random63();
    this.#state = from;
    this.#batches = this.#walk(size, options, from);
  }

  /** Undefined before the first batch. */
  get state(): EpochState | undefined {
    return this.#state;
  }

  next(): IteratorResult<Int32Array<ArrayBuffer>> {
    return this.#batches.next();
  }

  [Symbol.iterator](): this {
    return this;
  }

  *#walk(size: number, options: SamplerOptions, from: EpochState | undefined) {
    const { batchSize, shuffle, dropLast, generator } = options;
    const { start, order } = from ? resumed(size, from) : begun(size, options);
    let { batches } = start;
    while ((batches + 1) * batchSize <= size) {
      this.#state = { ...start, batches: ++batches };
      yield order.subarray((batches - 1) * batchSize, batches * batchSize);
    }
    const rest = batches * batchSize;
    // Beyond the end only where an epoch goes on whose last batch, which is not full, was handed out.
    if (rest > size) return;
    if (shuffle && generator) permutation(size, generator);
    if (rest === size || dropLast) return;
    this.#state = { ...start, batches: batches + 1 };
    yield order.subarray(rest);
  }
}

interface Beginning {
  readonly start: EpochState;
  readonly order: Int32Array<ArrayBuffer>;
}

function begun(size: number, { shuffle, generator, sampler }: SamplerOptions): Beginning {
  if (sampler) return resumed(size, { order: drawn(sampler, size), batches: 0 });
  if (!shuffle) return resumed(size, { batches: 0 });
  if (!generator) return resumed(size, { seed: defaultGenerator.random63(), batches: 0 });
  const start = { drawnFrom: generator.getState(), batches: 0 };
  return { start, order: permutation(size, generator) };
}

/** The same order again, without drawing from a generator that went on since. */
function resumed(size: number, start: EpochState): Beginning {
  const { seed, drawnFrom } = start;
  if (start.order) return { start, order: start.order };
  if (seed !== undefined) return { start, order: permutation(size, new Generator(seed)) };
  if (drawnFrom !== undefined) return { start, order: permutation(size, new Generator().setState(drawnFrom)) };
  return { start, order: Int32Array.from({ length: size }, (_, index) => index) };
}

function drawn(sampler: Iterable<number>, size: number): Int32Array<ArrayBuffer> {
  const order = Int32Array.from(sampler);
  if (order.length === size) return order;
  throw new DataError(`DataLoader: the sampler's length is ${size}, but it gave ${order.length} indices`);
}
