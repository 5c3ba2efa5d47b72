import { type OptionsOf, option, readOptions, real, whole } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { EMA } from "../optim/ema.ts";
import type { LRScheduler, ReduceLROnPlateau } from "../optim/index.ts";
import type { EarlyStoppingOptions } from "./earlyStopping.ts";
import type { Figures } from "./figures.ts";

/** What `fit` needs of an optimiser. */
export interface Stepped {
  readonly paramGroups: readonly { readonly lr: number }[];
  zeroGrad(): void;
  step(): void;
}

export type Schedule = LRScheduler | ReduceLROnPlateau;

/** One step, as `onStep` sees it. */
export interface StepReport {
  readonly epoch: number;
  /** Steps since `fit` began, from 1 on. */
  readonly step: number;
  /** Batches of this epoch so far, and in all, where the loader knows. */
  readonly batch: number;
  readonly batches: number | undefined;
  readonly loss: number;
  readonly lr: number;
}

/** One epoch, as `onEpoch` and the history have it. */
export interface EpochReport {
  readonly epoch: number;
  /** Mean losses and metrics: `loss`, `valLoss`, and what `metrics` and `evaluate` give. */
  readonly figures: Figures;
  readonly lr: number;
  readonly seconds: number;
  /** Whether early stopping counts it as the best so far; true where none is asked for. */
  readonly best: boolean;
}

/** Takes single numbers: TensorBoard's `SummaryWriter` of `quarkgrad/node`, or anything alike. */
export interface ScalarWriter {
  addScalar(tag: string, value: number, step: number): void;
}

export interface FitOptions<M extends Module, Batch> {
  /** The loss of a batch: a scalar to walk back from. */
  readonly loss: (model: M, batch: Batch) => Tensor;
  readonly optimizer: Stepped;
  /** Passes over the loader: 1. */
  readonly epochs?: number;
  /** The number of the first epoch, to go on where another run stopped: 1. */
  readonly firstEpoch?: number;
  /** Stepped after each epoch, or with `scheduleEvery: "step"` after each step of the optimiser. */
  readonly schedule?: Schedule | readonly Schedule[];
  readonly scheduleEvery?: "epoch" | "step";
  /** Batches whose gradients are added up before a step, each divided by their number: 1. */
  readonly accumulate?: number;
  /** The largest norm of all gradients together, as `nn.clipGradNorm` limits it. */
  readonly clipNorm?: number;
  /** An average of the weights, updated after each step. */
  readonly ema?: EMA;
  /** Batches to measure `valLoss` and `metrics` on after each epoch, in evaluation mode. */
  readonly validation?: Iterable<Batch>;
  /** Figures of a validation batch, by name; what is reported is the mean over its samples. */
  readonly metrics?: Readonly<Record<string, (model: M, batch: Batch) => number>>;
  /** Further figures after each epoch, in evaluation mode: what is no mean over batches. */
  readonly evaluate?: (model: M) => Figures | number;
  /** Ends the training when a figure no longer improves, with the best weights. A number is the patience. */
  readonly earlyStopping?: Partial<EarlyStoppingOptions> | number;
  readonly onStep?: (report: StepReport) => void;
  /**
   * After each epoch: the place to save a checkpoint of model, optimiser, schedules and loader. `fitAsync` waits for a
   * promise.
   */
  readonly onEpoch?: (report: EpochReport) => unknown;
  /** Prints a line an epoch, and in long ones now and then one: to the console, or by a function. */
  readonly progress?: boolean | ((line: string) => void);
  /** Gets every figure. */
  readonly writer?: ScalarWriter;
  /** Ends the training after the step under way, without measuring. */
  readonly signal?: AbortSignal;
}

/** The same, with all that has a default. */
export type Settings<M extends Module, Batch> = FitOptions<M, Batch> &
  Required<Pick<FitOptions<M, Batch>, "epochs" | "firstEpoch" | "accumulate" | "scheduleEvery">>;

const isFunction = (value: unknown) => typeof value === "function";
const isObject = (value: unknown) => typeof value === "object" && value !== null;
const has = (method: string) => (value: unknown) =>
  isObject(value) && isFunction((value as Record<string, unknown>)[method]);
const given = (wanted: string, accepts: (value: unknown) => boolean) =>
  option<never>(undefined as never, wanted, accepts);

const known: OptionsOf<Settings<Module, never>> = {
  loss: given("a function of the model and a batch", isFunction),
  optimizer: given("an optimiser", has("step")),
  epochs: whole(1, 1),
  firstEpoch: whole(1, 1),
  schedule: given("a schedule, or a list of them", (value) => [value].flat().every(has("step"))),
  scheduleEvery: option<"epoch" | "step">(
    "epoch",
    '"epoch" or "step"',
    (value) => value === "epoch" || value === "step",
  ),
  accumulate: whole(1, 1),
  clipNorm: real(undefined as never, { least: 0 }) as never,
  ema: given("an optim.EMA", has("update")),
  validation: given("batches to go through", (value) => isObject(value) && Symbol.iterator in (value as object)),
  metrics: given("functions of the model and a batch, by name", isObject),
  evaluate: given("a function of the model", isFunction),
  earlyStopping: given("its options, or a number of epochs", (value) => isObject(value) || typeof value === "number"),
  onStep: given("a function", isFunction),
  onEpoch: given("a function", isFunction),
  progress: given("true, or a function of a line", (value) => typeof value === "boolean" || isFunction(value)),
  writer: given("an object with addScalar", has("addScalar")),
  signal: given("an AbortSignal", isObject),
};

/** @throws OptionError for unknown options, values of the wrong kind, and where loss or optimiser are missing. */
export function settingsOf<M extends Module, Batch>(options: FitOptions<M, Batch>): Settings<M, Batch> {
  const settings = readOptions("fit", options, known) as unknown as Settings<M, Batch>;
  const missing = (["loss", "optimizer"] as const).filter((name) => settings[name] === undefined);
  if (missing.length > 0) {
    // The error of a value of the wrong kind.
    readOptions("fit", Object.fromEntries(missing.map((name) => [name, null])), known);
  }
  return settings;
}
