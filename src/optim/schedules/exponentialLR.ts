import { readOptions, real } from "../../core/options.ts";
import { type Group, LRScheduler, type Scheduled } from "./lrScheduler.ts";

/** Multiplies the rate by `gamma` at every step. */
export class ExponentialLR extends LRScheduler {
  readonly gamma: number;

  constructor(optimizer: Scheduled, gamma: number) {
    super(optimizer);
    this.gamma = readOptions("ExponentialLR", { gamma }, { gamma: real(1) }).gamma;
    this.step();
  }

  protected next({ lr }: Group): number {
    return this.lastEpoch === 0 ? lr : lr * this.gamma;
  }

  protected override first(_group: Group, baseLr: number): number {
    return baseLr;
  }
}
