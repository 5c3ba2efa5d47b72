import { type OptionsOf, readOptions, real, whole } from "../../core/options.ts";
import { realPower } from "../../core/power.ts";
import { type Group, LRScheduler, type Scheduled } from "./lrScheduler.ts";

export interface PolynomialLROptions {
  /** Steps until the rate is 0: 5. */
  readonly totalIters: number;
  /** The power of what is left of them: 1, a straight line. */
  readonly power: number;
}

const known: OptionsOf<PolynomialLROptions> = { totalIters: whole(5, 1), power: real(1) };

/** The first rate times (1 − t / totalIters)^power, and 0 from then on. */
export class PolynomialLR extends LRScheduler {
  readonly totalIters: number;
  readonly power: number;

  constructor(optimizer: Scheduled, options: Partial<PolynomialLROptions> | number = {}) {
    super(optimizer);
    const { totalIters, power } = readOptions("PolynomialLR", options, known);
    this.totalIters = totalIters;
    this.power = power;
    this.step();
  }

  protected next({ lr }: Group): number {
    const { lastEpoch: t, totalIters, power } = this;
    if (t === 0 || t > totalIters) return lr;
    return lr * realPower((1 - t / totalIters) / (1 - (t - 1) / totalIters), power);
  }

  protected override first(_group: Group, baseLr: number): number {
    return baseLr;
  }
}
