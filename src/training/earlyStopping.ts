import type { TypedArray } from "../core/dtype.ts";
import { flag, type OptionsOf, oneOf, option, readOptions, real, whole } from "../core/options.ts";
import { OptionError } from "../errors.ts";
import type { Module } from "../nn/module.ts";
import type { Figures } from "./figures.ts";

export interface EarlyStoppingOptions {
  /** The figure of an epoch that is watched; by default `valLoss` where there is validation, else `loss`. */
  readonly monitor: string | undefined;
  /** Whether it is to fall (`"min"`) or to rise. */
  readonly mode: "min" | "max";
  /** Epochs without an improvement that are let pass: 5. */
  readonly patience: number;
  /** How much better counts as better: 0. */
  readonly minDelta: number;
  /** Whether the model ends with the weights of its best epoch: true. */
  readonly restoreBest: boolean;
}

const known: OptionsOf<EarlyStoppingOptions> = {
  patience: whole(5),
  monitor: option<string | undefined>(undefined, "the name of a figure", (value) => typeof value === "string"),
  mode: oneOf("min", "max"),
  minDelta: real(0, { least: 0 }),
  restoreBest: flag(true),
};

/** Watches one figure, epoch by epoch, and keeps the weights of the best. A number stands for the patience. */
export class EarlyStopping {
  readonly options: EarlyStoppingOptions;
  bestEpoch = 0;
  #best: number | undefined;
  #weights: ReadonlyMap<string, TypedArray> | undefined;

  constructor(options: Partial<EarlyStoppingOptions> | number) {
    this.options = readOptions("earlyStopping", options, known);
  }

  /** Takes an epoch's figures; says whether it is the best so far. */
  watch(epoch: number, figures: Figures, model: Module): boolean {
    const { monitor = "valLoss" in figures ? "valLoss" : "loss", mode, minDelta, restoreBest } = this.options;
    const value = figures[monitor];
    if (value === undefined) {
      throw new OptionError(`earlyStopping: no figure "${monitor}"; there are ${Object.keys(figures).join(", ")}`);
    }
    const gain = this.#best === undefined ? Number.POSITIVE_INFINITY : (value - this.#best) * (mode === "min" ? -1 : 1);
    if (!(gain > minDelta) || Number.isNaN(value)) return false;
    this.#best = value;
    this.bestEpoch = epoch;
    if (restoreBest) {
      const state = Object.entries(model.stateDict());
      this.#weights = new Map(state.map(([name, tensor]) => [name, tensor.data.slice()]));
    }
    return true;
  }

  /** Whether the patience is at its end after this epoch. */
  isOver(epoch: number): boolean {
    return epoch - this.bestEpoch > this.options.patience;
  }

  /** Puts the weights of the best epoch back. */
  restore(model: Module): void {
    if (!this.#weights) return;
    for (const [name, tensor] of Object.entries(model.stateDict())) {
      tensor.data.set(this.#weights.get(name)!);
      tensor.storage.version++;
    }
  }
}
