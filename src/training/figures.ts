import { Tensor } from "../core/tensor.ts";

/** Numbers that tell how an epoch went, by name. */
export type Figures = Readonly<Record<string, number>>;

/** Means over samples, of figures that come batch by batch. */
export class Means {
  readonly #sums = new Map<string, number>();
  samples = 0;

  /** Takes the mean figures of a batch of `samples` in. A last batch that is smaller weighs less. */
  add(samples: number, figures: Figures): void {
    this.samples += samples;
    for (const [name, value] of Object.entries(figures)) {
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + value * samples);
    }
  }

  get figures(): Record<string, number> {
    return Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum / this.samples]));
  }
}

/** How many samples a batch has: the rows of the first tensor in it. */
export function samplesIn(batch: unknown): number {
  if (batch instanceof Tensor) return batch.shape[0] ?? 1;
  if (typeof batch !== "object" || batch === null) return 1;
  for (const part of Object.values(batch)) if (part instanceof Tensor) return part.shape[0] ?? 1;
  return 1;
}
