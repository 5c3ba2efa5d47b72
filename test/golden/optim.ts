/** What PyTorch's optimisers and schedules do (`makeOptim.py`), with options under our names. */
import { readFileSync } from "node:fs";
import type { optim } from "../../src/index.ts";

type Options = Record<string, unknown>;

/** The optimisers of elements, by name. */
type OptimizerName =
  | "SGD"
  | "Adam"
  | "AdamW"
  | "RMSprop"
  | "Adagrad"
  | "Adadelta"
  | "Adamax"
  | "NAdam"
  | "RAdam"
  | "Lion";

export type ScheduleName =
  | "StepLR"
  | "MultiStepLR"
  | "ExponentialLR"
  | "PolynomialLR"
  | "CosineAnnealingLR"
  | "CosineAnnealingWarmRestarts"
  | "LinearLR"
  | "OneCycleLR";

/** A schedule and its options. */
type Part = readonly [ScheduleName, Options];

interface Recorded {
  readonly gradients: readonly number[][];
  readonly start: readonly number[];
  readonly optimizers: readonly {
    readonly name: OptimizerName;
    readonly options: Options;
    /** By the number of steps. */
    readonly parameters: Readonly<Record<string, number[]>>;
  }[];
  readonly matrices: readonly {
    readonly name: "Muon";
    readonly shape: readonly [number, number];
    readonly options: Options;
    readonly parameters: Readonly<Record<string, number[]>>;
  }[];
  readonly schedules: readonly {
    readonly name: ScheduleName;
    readonly options: Options;
    readonly lr: readonly number[];
    /** One number where it never changes. */
    readonly momentum: readonly number[];
  }[];
  readonly metrics: readonly number[];
  readonly plateaus: readonly {
    readonly options: Partial<optim.ReduceLROnPlateauOptions>;
    readonly lr: readonly number[];
  }[];
  readonly sequences: readonly {
    readonly parts: readonly Part[];
    readonly milestones: number[];
    readonly lr: number[][];
  }[];
  readonly together: readonly { readonly parts: readonly Part[]; readonly lr: number[][] }[];
  readonly averages: readonly { readonly decay: number; readonly weights: number[][] }[];
}

const camel = (name: string) =>
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/^T(?=[A-Z0])/, "t");

const value = (given: unknown) => (typeof given === "string" ? camel(given) : given);

const names = (options: object): Options =>
  Object.fromEntries(Object.entries(options).map(([name, given]) => [camel(name), value(given)]));

const recorded: Recorded = JSON.parse(readFileSync(new URL("optim.json", import.meta.url), "utf8"));

const named = <One extends { readonly options: object }>(all: readonly One[]): One[] =>
  all.map((one) => ({ ...one, options: names(one.options) }));

const partsNamed = <One extends { readonly parts: readonly Part[] }>(all: readonly One[]): One[] =>
  all.map((one) => ({ ...one, parts: one.parts.map(([name, options]): Part => [name, names(options)]) }));

export const { gradients, start, metrics, averages } = recorded;
export const optimizers = named(recorded.optimizers);
export const matrices = named(recorded.matrices);
export const schedules = named(recorded.schedules);
export const plateaus = named(recorded.plateaus);
export const sequences = partsNamed(recorded.sequences);
export const together = partsNamed(recorded.together);

/** The gradient of any number of elements at a step, as the script computes it. */
export function gradientOf(step: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => (((step * 7 + k * 5) % 11) - 5) / 8);
}
