import { cosineOfPi } from "../../core/cosineOfPi.ts";
import { flag, type OptionsOf, oneOf, option, readOptions, real, whole } from "../../core/options.ts";
import { OptionError, QuarkError } from "../../errors.ts";
import { type Group, LRScheduler, type Scheduled } from "./lrScheduler.ts";

export interface OneCycleLROptions {
  /** Steps of the whole cycle; or give `epochs` and `stepsPerEpoch`. */
  readonly totalSteps: number | undefined;
  readonly epochs: number | undefined;
  readonly stepsPerEpoch: number | undefined;
  /** The part of the steps in which the rate rises: 0.3. */
  readonly pctStart: number;
  readonly annealStrategy: "cos" | "linear";
  /** Whether momentum (or Adam's β₁) falls while the rate rises: true. */
  readonly cycleMomentum: boolean;
  /** 0.85. */
  readonly baseMomentum: number;
  /** 0.95. */
  readonly maxMomentum: number;
  /** The first rate is `maxLr / divFactor`: 25. */
  readonly divFactor: number;
  /** The last rate is the first divided by this: 1e4. */
  readonly finalDivFactor: number;
  /** Whether the rate falls to the first rate as slowly as it rose, and only then to the last. */
  readonly threePhase: boolean;
}

const known: OptionsOf<OneCycleLROptions> = {
  totalSteps: whole(undefined, 1),
  epochs: whole(undefined, 1),
  stepsPerEpoch: whole(undefined, 1),
  pctStart: option(0.3, "a number from 0 to 1", (value) => typeof value === "number" && value >= 0 && value <= 1),
  annealStrategy: oneOf("cos", "linear"),
  cycleMomentum: flag(true),
  baseMomentum: real(0.85),
  maxMomentum: real(0.95),
  divFactor: real(25),
  finalDivFactor: real(1e4),
  threePhase: flag(false),
};

/** The rates that a group moves between. */
interface Rates {
  readonly first: number;
  readonly most: number;
  readonly last: number;
}

interface Phase {
  readonly end: number;
  readonly rates: readonly [keyof Rates, keyof Rates];
  readonly momenta: readonly [number, number];
}

/** One rise to `maxLr` (a number, or one for each group) and one fall far below the first rate, to be stepped once a batch. */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  readonly #rates: readonly Rates[];
  readonly #phases: readonly Phase[];
  readonly #linear: boolean;
  readonly #cycleMomentum: boolean;

  constructor(optimizer: Scheduled, maxLr: number | readonly number[], options: Partial<OneCycleLROptions> | number) {
    super(optimizer);
    const read = readOptions("OneCycleLR", options, known);
    const { epochs = Number.NaN, stepsPerEpoch = Number.NaN, cycleMomentum, divFactor, finalDivFactor } = read;
    this.totalSteps = read.totalSteps ?? epochs * stepsPerEpoch;
    if (Number.isNaN(this.totalSteps)) {
      throw new OptionError("OneCycleLR: give totalSteps, or both epochs and stepsPerEpoch");
    }
    const { paramGroups } = optimizer;
    const highest = typeof maxLr === "number" ? Array<number>(paramGroups.length).fill(maxLr) : maxLr;
    if (highest.length !== paramGroups.length) {
      throw new OptionError(`OneCycleLR: ${highest.length} rates for ${paramGroups.length} groups; give one for each`);
    }
    if (cycleMomentum && paramGroups.some(({ momentum, betas }) => !momentum && !betas)) {
      throw new OptionError(
        "OneCycleLR: cycleMomentum needs an optimiser with momentum or betas; set cycleMomentum: false",
      );
    }
    this.#rates = highest.map((most) => ({ first: most / divFactor, most, last: most / divFactor / finalDivFactor }));
    this.#phases = phasesOf(this.totalSteps, read);
    this.#linear = read.annealStrategy === "linear";
    this.#cycleMomentum = cycleMomentum;
    for (const [index, group] of paramGroups.entries()) group.initialLr = this.#rates[index]!.first;
    this.step();
  }

  protected next(group: Group, _baseLr: number, index: number): number {
    const step = this.lastEpoch;
    if (step > this.totalSteps) {
      throw new QuarkError(
        `OneCycleLR: step ${step} is beyond the ${this.totalSteps} steps of the cycle; make a new one`,
      );
    }
    const phases = this.#phases;
    let at = 0;
    while (at < phases.length - 1 && step > phases[at]!.end) at++;
    const { end, rates, momenta } = phases[at]!;
    const start = at === 0 ? 0 : phases[at - 1]!.end;
    const part = (step - start) / (end - start);
    if (this.#cycleMomentum) {
      const momentum = this.#between(...momenta, part);
      if (group.betas) group.betas = [momentum, group.betas[1]];
      else group.momentum = momentum;
    }
    const own = this.#rates[index]!;
    return this.#between(own[rates[0]], own[rates[1]], part);
  }

  #between(start: number, end: number, part: number): number {
    if (this.#linear) return (end - start) * part + start;
    return end + ((start - end) / 2) * (cosineOfPi(part) + 1);
  }
}

function phasesOf(totalSteps: number, { pctStart, baseMomentum, maxMomentum, threePhase }: OneCycleLROptions): Phase[] {
  const rising = pctStart * totalSteps;
  const up: Phase = { end: rising - 1, rates: ["first", "most"], momenta: [maxMomentum, baseMomentum] };
  const end = totalSteps - 1;
  if (!threePhase) return [up, { end, rates: ["most", "last"], momenta: [baseMomentum, maxMomentum] }];
  return [
    up,
    { end: 2 * rising - 2, rates: ["most", "first"], momenta: [baseMomentum, maxMomentum] },
    { end, rates: ["first", "last"], momenta: [maxMomentum, maxMomentum] },
  ];
}
