/** Learning rates that change as training goes on, by PyTorch's formulas and under its names. */
import { QuarkError } from "../errors.ts";
import { cosineOfPi } from "./cosine.ts";

/** What a schedule needs of a group of an optimiser. */
interface Group {
  lr: number;
  initialLr?: number;
  momentum?: number;
  betas?: readonly [number, number];
}

/** What a schedule needs of an optimiser. */
export interface Scheduled {
  readonly paramGroups: readonly Group[];
}

/**
 * Changes the `lr` of each group of an optimiser when `step` is called, after `optimizer.step()`: once an epoch or once a batch, as the
 * schedule is meant. Most compute the next rate from the present one, so several can work on one optimiser.
 */
export abstract class LRScheduler {
  readonly optimizer: Scheduled;
  /** The rates before any schedule, one a group. */
  readonly baseLrs: readonly number[];
  /** How often `step` was called. */
  lastEpoch = -1;

  constructor(optimizer: Scheduled) {
    this.optimizer = optimizer;
    for (const group of optimizer.paramGroups) group.initialLr ??= group.lr;
    this.baseLrs = optimizer.paramGroups.map((group) => group.initialLr!);
  }

  /** The next rate of a group; `lastEpoch` has been raised already and is 0 in the constructor. */
  protected abstract next(group: Group, baseLr: number): number;

  step(): void {
    this.lastEpoch++;
    for (const [index, group] of this.optimizer.paramGroups.entries()) {
      group.lr = this.next(group, this.baseLrs[index]!);
    }
  }

  getLastLr(): number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  stateDict(): { lastEpoch: number } {
    return { lastEpoch: this.lastEpoch };
  }

  /** Goes on from a saved place. The rates themselves are part of the optimiser's state. */
  loadStateDict({ lastEpoch }: { readonly lastEpoch: number }): void {
    this.lastEpoch = lastEpoch;
  }
}

/** Multiplies the rate by `gamma` (0.1) every `stepSize` steps. */
export class StepLR extends LRScheduler {
  readonly stepSize: number;
  readonly gamma: number;

  constructor(optimizer: Scheduled, stepSize: number, { gamma = 0.1 }: { readonly gamma?: number } = {}) {
    super(optimizer);
    this.stepSize = positiveInteger("StepLR", "stepSize", stepSize);
    this.gamma = gamma;
    this.step();
  }

  protected next({ lr }: Group): number {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0 ? lr : lr * this.gamma;
  }
}

/** Half a cosine from the first rate down to `etaMin` (0) in `tMax` steps, and up again after that. */
export class CosineAnnealingLR extends LRScheduler {
  readonly tMax: number;
  readonly etaMin: number;

  constructor(optimizer: Scheduled, tMax: number, { etaMin = 0 }: { readonly etaMin?: number } = {}) {
    super(optimizer);
    this.tMax = positiveInteger("CosineAnnealingLR", "tMax", tMax);
    this.etaMin = etaMin;
    this.step();
  }

  protected next({ lr }: Group, baseLr: number): number {
    const { lastEpoch: t, tMax, etaMin } = this;
    if (t === 0) return lr;
    // At the bottom the formula below would divide by 0.
    if ((t - 1 - tMax) % (2 * tMax) === 0) return lr + ((baseLr - etaMin) * (1 - cosineOfPi(1 / tMax))) / 2;
    return ((1 + cosineOfPi(t / tMax)) / (1 + cosineOfPi((t - 1) / tMax))) * (lr - etaMin) + etaMin;
  }
}

export interface LinearLROptions {
  /** The first rate as a part of the full one: 1/3. */
  readonly startFactor?: number;
  /** The last: 1. */
  readonly endFactor?: number;
  /** Steps between the two: 5. */
  readonly totalIters?: number;
}

/** A rate that grows (or falls) in a straight line: the usual warm-up. */
export class LinearLR extends LRScheduler {
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;

  constructor(optimizer: Scheduled, { startFactor = 1 / 3, endFactor = 1, totalIters = 5 }: LinearLROptions = {}) {
    super(optimizer);
    if (!(startFactor > 0 && startFactor <= 1)) {
      throw new QuarkError(`LinearLR: startFactor ${startFactor} must be more than 0 and at most 1`);
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new QuarkError(`LinearLR: endFactor ${endFactor} must be at least 0 and at most 1`);
    }
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = positiveInteger("LinearLR", "totalIters", totalIters);
    this.step();
  }

  protected next({ lr }: Group): number {
    const { lastEpoch: t, startFactor, endFactor, totalIters } = this;
    if (t === 0) return lr * startFactor;
    if (t > totalIters) return lr;
    return lr * (1 + (endFactor - startFactor) / (totalIters * startFactor + (t - 1) * (endFactor - startFactor)));
  }
}

export interface OneCycleLROptions {
  /** Steps of the whole cycle; or give `epochs` and `stepsPerEpoch`. */
  readonly totalSteps?: number;
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** The part of the steps in which the rate rises: 0.3. */
  readonly pctStart?: number;
  readonly annealStrategy?: "cos" | "linear";
  /** Whether momentum (or Adam's β₁) falls while the rate rises: true. */
  readonly cycleMomentum?: boolean;
  /** 0.85. */
  readonly baseMomentum?: number;
  /** 0.95. */
  readonly maxMomentum?: number;
  /** The first rate is `maxLr / divFactor`: 25. */
  readonly divFactor?: number;
  /** The last rate is the first divided by this: 1e4. */
  readonly finalDivFactor?: number;
  /** Whether the rate falls to the first rate as slowly as it rose, and only then to the last. */
  readonly threePhase?: boolean;
}

interface Phase {
  readonly end: number;
  readonly rates: readonly [number, number];
  readonly momenta: readonly [number, number];
}

/** One rise to `maxLr` and one fall far below the first rate, to be stepped once a batch. */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  readonly #phases: readonly Phase[];
  readonly #linear: boolean;
  readonly #cycleMomentum: boolean;

  constructor(optimizer: Scheduled, maxLr: number, options: OneCycleLROptions) {
    super(optimizer);
    const { pctStart = 0.3, annealStrategy = "cos", cycleMomentum = true, threePhase = false } = options;
    const { baseMomentum = 0.85, maxMomentum = 0.95, divFactor = 25, finalDivFactor = 1e4 } = options;
    const totalSteps = options.totalSteps ?? (options.epochs ?? Number.NaN) * (options.stepsPerEpoch ?? Number.NaN);
    if (Number.isNaN(totalSteps)) throw new QuarkError("OneCycleLR: give totalSteps, or both epochs and stepsPerEpoch");
    this.totalSteps = positiveInteger("OneCycleLR", "totalSteps", totalSteps);
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new QuarkError(`OneCycleLR: pctStart ${pctStart} must be at least 0 and at most 1`);
    }
    if (cycleMomentum && optimizer.paramGroups.some(({ momentum, betas }) => !momentum && !betas)) {
      throw new QuarkError(
        "OneCycleLR: cycleMomentum needs an optimiser with momentum or betas; set cycleMomentum: false",
      );
    }
    const first = maxLr / divFactor;
    const last = first / finalDivFactor;
    const rising = pctStart * totalSteps - 1;
    const up = { end: rising, rates: [first, maxLr], momenta: [maxMomentum, baseMomentum] } as const;
    this.#phases = threePhase
      ? [
          up,
          { end: 2 * pctStart * totalSteps - 2, rates: [maxLr, first], momenta: [baseMomentum, maxMomentum] },
          { end: totalSteps - 1, rates: [first, last], momenta: [maxMomentum, maxMomentum] },
        ]
      : [up, { end: totalSteps - 1, rates: [maxLr, last], momenta: [baseMomentum, maxMomentum] }];
    this.#linear = annealStrategy === "linear";
    this.#cycleMomentum = cycleMomentum;
    for (const group of optimizer.paramGroups) group.initialLr = first;
    this.step();
  }

  protected next(group: Group): number {
    const step = this.lastEpoch;
    if (step > this.totalSteps) {
      throw new QuarkError(
        `OneCycleLR: step ${step} is beyond the ${this.totalSteps} steps of the cycle; make a new one`,
      );
    }
    const phases = this.#phases;
    let index = 0;
    while (index < phases.length - 1 && step > phases[index]!.end) index++;
    const { end, rates, momenta } = phases[index]!;
    const start = index === 0 ? 0 : phases[index - 1]!.end;
    const part = (step - start) / (end - start);
    if (this.#cycleMomentum) {
      const momentum = this.#between(momenta, part);
      if (group.betas) group.betas = [momentum, group.betas[1]];
      else group.momentum = momentum;
    }
    return this.#between(rates, part);
  }

  #between([start, end]: readonly [number, number], part: number): number {
    if (this.#linear) return (end - start) * part + start;
    return end + ((start - end) / 2) * (cosineOfPi(part) + 1);
  }
}

function positiveInteger(schedule: string, name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new QuarkError(`${schedule}: ${name} ${value} must be a whole number of at least 1`);
  }
  return value;
}
