import { type OptionsOf, oneOf, option, readOptions, real, whole } from "../../core/options.ts";
import type { Tensor } from "../../core/tensor.ts";
import { OptionError } from "../../errors.ts";
import { type Scheduled, type ScheduleState, savedNumber } from "./lrScheduler.ts";

export interface ReduceLROnPlateauOptions {
  /** Whether the metric is to fall (`"min"`) or to rise (`"max"`). */
  readonly mode: "min" | "max";
  /** What the rate is multiplied by: 0.1. */
  readonly factor: number;
  /** Steps without an improvement that are let pass: 10. */
  readonly patience: number;
  /** How much better counts as better: 0.0001. */
  readonly threshold: number;
  /** Whether the threshold is a share of the best (`"rel"`) or a difference (`"abs"`). */
  readonly thresholdMode: "rel" | "abs";
  /** Steps after a reduction in which nothing is counted: 0. */
  readonly cooldown: number;
  /** The least rate, one for all groups or one for each: 0. */
  readonly minLr: number | readonly number[];
  /** A reduction by less than this is not made: 1e-8. */
  readonly eps: number;
}

const areNumbers = (value: unknown) => [value].flat().every((one) => typeof one === "number");

const known: OptionsOf<ReduceLROnPlateauOptions> = {
  mode: oneOf("min", "max"),
  factor: real(0.1, { below: 1 }),
  patience: whole(10),
  threshold: real(1e-4),
  thresholdMode: oneOf("rel", "abs"),
  cooldown: whole(0),
  minLr: option<number | readonly number[]>(0, "a number, or one for each group", areNumbers),
  eps: real(1e-8),
};

/** Multiplies the rate by `factor` when a metric has not improved for more than `patience` steps: `schedule.step(validationLoss)`. */
export class ReduceLROnPlateau {
  readonly optimizer: Scheduled;
  readonly options: ReduceLROnPlateauOptions;
  /** The best metric so far. */
  best: number;
  lastEpoch = 0;
  /** Steps since the last improvement. */
  numBadEpochs = 0;
  cooldownCounter = 0;

  constructor(optimizer: Scheduled, options: Partial<ReduceLROnPlateauOptions> | "min" | "max" = {}) {
    this.optimizer = optimizer;
    this.options = readOptions("ReduceLROnPlateau", options, known);
    this.best = this.options.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.#leastRates();
  }

  /** `metric` is a number or a tensor of one. */
  step(metric: number | Tensor): void {
    const current = typeof metric === "number" ? metric : metric.item();
    const least = this.#leastRates();
    this.lastEpoch++;
    if (this.#isBetter(current)) {
      this.best = current;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    const { patience, cooldown, factor, eps } = this.options;
    if (this.numBadEpochs <= patience) return;
    for (const [index, group] of this.optimizer.paramGroups.entries()) {
      const reduced = Math.max(group.lr * factor, least[index]!);
      if (group.lr - reduced > eps) group.lr = reduced;
    }
    this.cooldownCounter = cooldown;
    this.numBadEpochs = 0;
  }

  getLastLr(): number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  stateDict(): ScheduleState {
    const { best, lastEpoch, numBadEpochs, cooldownCounter } = this;
    return { best, lastEpoch, numBadEpochs, cooldownCounter };
  }

  /** @throws StateDictError where the state is not that of such a schedule; then nothing was changed. */
  loadStateDict(saved: ScheduleState): void {
    const names = ["best", "lastEpoch", "numBadEpochs", "cooldownCounter"] as const;
    const values = names.map((name) => [name, savedNumber(this, saved, name)] as const);
    for (const [name, value] of values) this[name] = value;
  }

  #leastRates(): readonly number[] {
    const { minLr } = this.options;
    const groups = this.optimizer.paramGroups.length;
    if (typeof minLr === "number") return Array<number>(groups).fill(minLr);
    if (minLr.length === groups) return minLr;
    throw new OptionError(`ReduceLROnPlateau: ${minLr.length} least rates for ${groups} groups; give one for each`);
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.options;
    const [sign, best] = [mode === "min" ? -1 : 1, this.best];
    const bar = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === "min" ? metric < bar : metric > bar;
  }
}
