/** What PyTorch's optimisers and schedules do (`makeOptim.py`), with options under our names. */
import { readFileSync } from "node:fs";

interface Recorded {
  readonly gradients: readonly number[][];
  readonly start: readonly number[];
  readonly optimizers: readonly {
    readonly name: "SGD" | "Adam" | "AdamW";
    readonly options: Record<string, unknown>;
    readonly parameters: readonly number[][];
  }[];
  readonly schedules: readonly {
    readonly name: "StepLR" | "CosineAnnealingLR" | "LinearLR" | "OneCycleLR";
    readonly options: Record<string, unknown>;
    readonly lr: readonly number[];
    readonly momentum: readonly number[];
  }[];
}

const camel = (name: string) =>
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()).replace("TMax", "tMax");

const names = (options: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));

const recorded: Recorded = JSON.parse(readFileSync(new URL("optim.json", import.meta.url), "utf8"));

export const { gradients, start } = recorded;
export const optimizers = recorded.optimizers.map((one) => ({ ...one, options: names(one.options) }));
export const schedules = recorded.schedules.map((one) => ({ ...one, options: names(one.options) }));
