import { type OptionsOf, option, readOptions, whole } from "../../core/options.ts";
import { type Group, LRScheduler, type Scheduled } from "./lrScheduler.ts";

export interface LinearLROptions {
  /** The first rate as a part of the full one: 1/3. */
  readonly startFactor: number;
  /** The last: 1. */
  readonly endFactor: number;
  /** Steps between the two: 5. */
  readonly totalIters: number;
}

const known: OptionsOf<LinearLROptions> = {
  startFactor: option(1 / 3, "a number above 0 and at most 1", (value) => isShare(value) && value !== 0),
  endFactor: option(1, "a number from 0 to 1", isShare),
  totalIters: whole(5, 1),
};

function isShare(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/** A rate that grows (or falls) in a straight line: the usual warm-up. */
export class LinearLR extends LRScheduler {
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;

  constructor(optimizer: Scheduled, options: Partial<LinearLROptions> | number = {}) {
    super(optimizer);
    const { startFactor, endFactor, totalIters } = readOptions("LinearLR", options, known);
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.step();
  }

  protected next({ lr }: Group): number {
    const { lastEpoch: t, startFactor, endFactor, totalIters } = this;
    if (t === 0) return lr * startFactor;
    if (t > totalIters) return lr;
    return lr * (1 + (endFactor - startFactor) / (totalIters * startFactor + (t - 1) * (endFactor - startFactor)));
  }

  protected override first(_group: Group, baseLr: number): number {
    return baseLr * this.startFactor;
  }
}
