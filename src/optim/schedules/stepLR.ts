import { readOptions, real, whole } from "../../core/options.ts";
import { type Group, LRScheduler, type Scheduled } from "./lrScheduler.ts";

/** Multiplies the rate by `gamma` (0.1) every `stepSize` steps. */
export class StepLR extends LRScheduler {
  readonly stepSize: number;
  readonly gamma: number;

  constructor(optimizer: Scheduled, stepSize: number, options: { readonly gamma?: number } | number = {}) {
    super(optimizer);
    this.stepSize = readOptions("StepLR", { stepSize }, { stepSize: whole(1, 1) }).stepSize;
    this.gamma = readOptions("StepLR", options, { gamma: real(0.1) }).gamma;
    this.step();
  }

  protected next({ lr }: Group): number {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0 ? lr : lr * this.gamma;
  }

  protected override first(_group: Group, baseLr: number): number {
    return baseLr;
  }
}
