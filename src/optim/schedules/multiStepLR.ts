import { option, readOptions, real } from "../../core/options.ts";
import { power } from "../../core/power.ts";
import { type Group, LRScheduler, type Scheduled } from "./lrScheduler.ts";

/** Multiplies the rate by `gamma` (0.1) at each of the `milestones`; twice where one is named twice. */
export class MultiStepLR extends LRScheduler {
  readonly milestones: readonly number[];
  readonly gamma: number;

  constructor(optimizer: Scheduled, milestones: readonly number[], options: { readonly gamma?: number } | number = {}) {
    super(optimizer);
    const given = { milestones: [...milestones] };
    this.milestones = readOptions("MultiStepLR", given, {
      milestones: option<readonly number[]>([], "whole numbers", areWhole),
    }).milestones;
    this.gamma = readOptions("MultiStepLR", options, { gamma: real(0.1) }).gamma;
    this.step();
  }

  protected next({ lr }: Group): number {
    const times = this.milestones.filter((milestone) => milestone === this.lastEpoch).length;
    return lr * power(this.gamma, times);
  }

  protected override first(_group: Group, baseLr: number): number {
    return baseLr * power(this.gamma, this.milestones.filter((milestone) => milestone <= 0).length);
  }
}

function areWhole(values: unknown): boolean {
  return Array.isArray(values) && values.every(Number.isInteger);
}
