import { cosineOfPi } from "../../core/cosineOfPi.ts";
import { type OptionsOf, readOptions, real, whole } from "../../core/options.ts";
import { type Group, LRScheduler, type Scheduled, type ScheduleState, savedNumber } from "./lrScheduler.ts";

export interface CosineAnnealingWarmRestartsOptions {
  /** How many times longer each round is than the one before: 1. */
  readonly tMult: number;
  /** The rate at the end of a round: 0. */
  readonly etaMin: number;
}

const known: OptionsOf<CosineAnnealingWarmRestartsOptions> = { tMult: whole(1, 1), etaMin: real(0) };

/** Half a cosine down to `etaMin` in `t0` steps, and from the first rate again; the next round takes `tMult` times as long. */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly t0: number;
  readonly tMult: number;
  readonly etaMin: number;
  /** Steps of this round, and how many of them are done. */
  #length: number;
  #done = 0;

  constructor(optimizer: Scheduled, t0: number, options: Partial<CosineAnnealingWarmRestartsOptions> | number = {}) {
    super(optimizer);
    const name = "CosineAnnealingWarmRestarts";
    this.t0 = readOptions(name, { t0 }, { t0: whole(1, 1) }).t0;
    const { tMult, etaMin } = readOptions(name, options, known);
    this.tMult = tMult;
    this.etaMin = etaMin;
    this.#length = t0;
    this.step();
  }

  override step(): void {
    if (this.lastEpoch < 0) this.#done = 0;
    else this.#done++;
    if (this.#done >= this.#length) {
      this.#done -= this.#length;
      this.#length *= this.tMult;
    }
    super.step();
  }

  protected next(_group: Group, baseLr: number): number {
    return this.etaMin + ((baseLr - this.etaMin) * (1 + cosineOfPi(this.#done / this.#length))) / 2;
  }

  override stateDict(): ScheduleState {
    return { ...super.stateDict(), tCur: this.#done, tI: this.#length };
  }

  override loadStateDict(saved: ScheduleState): void {
    const [done, length] = [savedNumber(this, saved, "tCur"), savedNumber(this, saved, "tI")];
    super.loadStateDict(saved);
    this.#done = done;
    this.#length = length;
  }
}
