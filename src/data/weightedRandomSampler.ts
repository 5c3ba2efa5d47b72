import { defaultGenerator, type Generator } from "../core/generator.ts";
import { DataError } from "../errors.ts";

export interface WeightedRandomSamplerOptions {
  /** Whether a sample may be drawn more than once: true. */
  readonly replacement?: boolean;
  /** What to draw from; by default the generator that `manualSeed` seeds. */
  readonly generator?: Generator | undefined;
}

/**
 * Draws `numSamples` indices an epoch, each with the probability that its weight has of their sum: `new DataLoader(dataset, { sampler })`.
 * With replacement the indices are PyTorch's for the same seed (the inverse of the cumulative distribution, in float64). Without, each is
 * drawn from those that are left; PyTorch's there depend on the library that it was built with.
 */
export class WeightedRandomSampler implements Iterable<number> {
  readonly weights: Float64Array;
  readonly numSamples: number;
  readonly replacement: boolean;
  readonly #generator: Generator | undefined;

  /** @throws DataError for weights below 0 or all 0, and for more samples than there are without replacement. */
  constructor(weights: ArrayLike<number>, numSamples: number, options: WeightedRandomSamplerOptions = {}) {
    this.weights = Float64Array.from(weights);
    this.numSamples = numSamples;
    this.replacement = options.replacement ?? true;
    this.#generator = options.generator;
    const wrong = this.weights.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
    if (wrong >= 0) {
      throw new DataError(`WeightedRandomSampler: weight ${wrong} is ${this.weights[wrong]}; weights are at least 0`);
    }
    const possible = this.weights.filter((weight) => weight > 0).length;
    if (possible === 0) throw new DataError("WeightedRandomSampler: no weight is above 0");
    if (!Number.isInteger(numSamples) || numSamples < 1 || (!this.replacement && numSamples > possible)) {
      throw new DataError(
        `WeightedRandomSampler: ${numSamples} samples cannot be drawn from ${possible}${this.replacement ? "" : " without replacement"}`,
      );
    }
  }

  get length(): number {
    return this.numSamples;
  }

  [Symbol.iterator](): Iterator<number> {
    const generator = this.#generator ?? defaultGenerator;
    return this.replacement ? this.#withReplacement(generator) : this.#without(generator);
  }

  *#withReplacement(generator: Generator): IterableIterator<number> {
    const cumulative = Float64Array.from(this.weights);
    for (let index = 1; index < cumulative.length; index++) cumulative[index]! += cumulative[index - 1]!;
    const total = cumulative.at(-1)!;
    for (let index = 0; index < cumulative.length; index++) cumulative[index]! /= total;
    cumulative[cumulative.length - 1] = 1;
    for (let drawn = 0; drawn < this.numSamples; drawn++) {
      const mass = generator.uniform53();
      let [left, right] = [0, cumulative.length];
      while (left < right) {
        const middle = (left + right) >> 1;
        if (cumulative[middle]! < mass) left = middle + 1;
        else right = middle;
      }
      yield left;
    }
  }

  /** A binary tree of sums, in which a drawn weight becomes 0. */
  *#without(generator: Generator): IterableIterator<number> {
    let leaves = 1;
    while (leaves < this.weights.length) leaves *= 2;
    const sums = new Float64Array(2 * leaves);
    sums.set(this.weights, leaves);
    for (let node = leaves - 1; node >= 1; node--) sums[node] = sums[2 * node]! + sums[2 * node + 1]!;
    for (let drawn = 0; drawn < this.numSamples; drawn++) {
      let mass = generator.uniform53() * sums[1]!;
      let node = 1;
      while (node < leaves) {
        const left = sums[2 * node]!;
        // A mass that rounding brought to the very end stays among the weights above 0.
        const goesRight = mass >= left && sums[2 * node + 1]! > 0;
        if (goesRight) mass -= left;
        node = 2 * node + (goesRight ? 1 : 0);
      }
      yield node - leaves;
      sums[node] = 0;
      for (node >>= 1; node >= 1; node >>= 1) sums[node] = sums[2 * node]! + sums[2 * node + 1]!;
    }
  }
}
