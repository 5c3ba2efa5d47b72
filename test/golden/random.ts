/** What PyTorch's generator gives for some seeds; `makeRandom.py` wrote it. */
import { readFileSync } from "node:fs";

export interface Draws {
  readonly seed: string;
  readonly rand: string;
  readonly uniform: { readonly symmetric: string; readonly skew: string; readonly narrow: string };
  readonly randint: string;
  readonly randperm: string;
  readonly random63: readonly string[];
  readonly random40: readonly number[];
  readonly randn: readonly (readonly number[])[];
  readonly normal: readonly number[];
  readonly state: string;
  readonly init: {
    readonly kaimingUniform: string;
    readonly kaimingUniformFanOut: string;
    readonly xavierUniform: string;
    readonly kaimingNormal: readonly number[];
    readonly xavierNormal: readonly number[];
    readonly conv2d: readonly string[];
    readonly linear: readonly string[];
  };
}

export interface Order {
  readonly epochs: readonly string[];
  readonly after: number;
}

export const golden: { readonly draws: readonly Draws[]; readonly orders: Readonly<Record<string, Order>> } =
  JSON.parse(readFileSync(new URL("random.json", import.meta.url), "utf8"));
