import { cosineOfPi } from "../../core/cosineOfPi.ts";
import { readOptions, real, whole } from "../../core/options.ts";
import { type Group, LRScheduler, type Scheduled } from "./lrScheduler.ts";

/** Half a cosine from the first rate down to `etaMin` (0) in `tMax` steps, and up again after that. */
export class CosineAnnealingLR extends LRScheduler {
  readonly tMax: number;
  readonly etaMin: number;

  constructor(optimizer: Scheduled, tMax: number, options: { readonly etaMin?: number } | number = {}) {
    super(optimizer);
    this.tMax = readOptions("CosineAnnealingLR", { tMax }, { tMax: whole(1, 1) }).tMax;
    this.etaMin = readOptions("CosineAnnealingLR", options, { etaMin: real(0) }).etaMin;
    this.step();
  }

  protected next({ lr }: Group, baseLr: number): number {
    const { lastEpoch: t, tMax, etaMin } = this;
    if (t === 0) return lr;
    // At the bottom the formula below would divide by 0.
    if ((t - 1 - tMax) % (2 * tMax) === 0) return lr + ((baseLr - etaMin) * (1 - cosineOfPi(1 / tMax))) / 2;
    return ((1 + cosineOfPi(t / tMax)) / (1 + cosineOfPi((t - 1) / tMax))) * (lr - etaMin) + etaMin;
  }

  protected override first(_group: Group, baseLr: number): number {
    return baseLr;
  }
}
