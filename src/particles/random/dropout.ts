import { apply } from "../../core/apply.ts";
import type { Generator } from "../../core/generator.ts";
import { flag, type OptionsOf, readOptions } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import { generatorOption } from "../../core/random.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/random.ts";
import { parallel } from "../../engine/parallel.ts";
import { QuarkError } from "../../errors.ts";

export interface DropoutAttributes {
  readonly p: number;
  /** Two numbers of 32 bits, which decide what is dropped. */
  readonly seed: readonly [number, number];
}

export interface DropoutOptions {
  /** Nothing is dropped where this is false; the input itself is returned. */
  readonly training?: boolean;
  /** What the seed is drawn from; by default the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

/** Elements that one thread handles in about 20 µs. */
const grain = 32768;

export const dropoutParticle: Particle<{ input: 1 }, DropoutAttributes, "mask", { mask: 1 }> = {
  name: "dropout",
  summary: "Sets elements to 0 by chance while a network is trained, so that no unit can rely on another.",
  formula: "y[i] = kept[i] ? x[i] / (1 − p) : 0, where each i is kept with the chance 1 − p",
  example: { inputs: { input: [1, 2, 3, 4, 5, 6] }, attributes: { p: 0.5, seed: [1, 2] } },
  keeps: ["mask"],
  shape({ input }, { p }) {
    if (!(p >= 0 && p <= 1)) throw new QuarkError(`dropout: p must lie between 0 and 1, got ${p}`);
    return input;
  },
  aux: ({ input }) => ({ mask: { shape: input, dtype: "uint8" } }),
  forward({ input, output, mask }, { p, seed }) {
    const heads = [input.ptr, output.ptr, mask.ptr, thresholdOf(p), scaleOf(p), ...seed] as const;
    parallel(kernels.dropout, input.size, grain, ...heads);
  },
  backward({ mask, grad }, { input }, { p }) {
    if (input) parallel(kernels.dropoutGradInput, input.size, grain, mask.ptr, grad.ptr, input.ptr, scaleOf(p));
  },
  // A hash of about 10 integer operations and one product.
  cost: ({ input }) => ({ flops: sizeOf(input), bytes: 9 * sizeOf(input) }),
  definition({ input }, { p, seed }) {
    const threshold = thresholdOf(p);
    return Array.from(input.data, (x, i) => (hash(i, seed) >>> 8 >= threshold ? x * scaleOf(p) : 0));
  },
};

/** The chance as a number of 24 bits, as fine as a float32 on [½, 1). */
const thresholdOf = (p: number) => Math.round(p * 2 ** 24);
const scaleOf = (p: number) => Math.fround(1 / (1 - p));

/** What the kernel computes for element `index`: 32 bits, all moved by the index and the seed. */
function hash(index: number, [low, high]: readonly [number, number]): number {
  let h = index ^ low;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d) ^ high;
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

const dropoutOptions: OptionsOf<Required<DropoutOptions>> = { training: flag(true), generator: generatorOption };

/**
 * Sets each element to 0 with the chance `p` and multiplies the others by 1 / (1 − p), so that the expectation stays. What is dropped
 * depends on a seed and the element's place only; the seed is drawn from the generator at each call. `p` = 1 gives zeros.
 *
 * @throws QuarkError for a `p` that is no chance.
 */
export function dropout(input: Tensor, p = 0.5, options?: boolean | DropoutOptions): Tensor {
  const { training, generator } = readOptions("dropout", options, dropoutOptions);
  if (!training) return input;
  return apply(dropoutParticle, { input }, { p, seed: [generator.random(), generator.random()] });
}
