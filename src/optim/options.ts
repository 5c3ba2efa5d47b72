/** Options that several optimisers have. */
import { type Option, type OptionsOf, option, readOptions, real } from "../core/options.ts";

/** The options of an optimiser, the learning rate first. */
export type Rules<Options> = OptionsOf<Options>;

/** A number of at least 0. */
export function positive(fallback: number): Option<number> {
  return real(fallback, { least: 0 });
}

/** How much of each of two running averages is kept. */
export function betas(fallback: readonly [number, number]): Option<readonly [number, number]> {
  const isShare = (beta: unknown) => typeof beta === "number" && beta >= 0 && beta < 1;
  return option(
    fallback,
    "two numbers of at least 0 and below 1",
    (value) => Array.isArray(value) && value.length === 2 && value.every(isShare),
  );
}

/** `given` over `defaults`: all of the options, checked. */
export function completed<Options extends object>(
  optimizer: string,
  given: Partial<Options>,
  rules: Rules<Options>,
  defaults: Options,
): Options {
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return readOptions(optimizer, { ...defaults, ...Object.fromEntries(named) }, rules);
}

/** Checks options between steps, when a schedule may have brought the learning rate below 0. */
export function recheck<Options extends { lr: number }>(
  optimizer: string,
  options: Options,
  rules: Rules<Options>,
): void {
  const { lr } = options;
  const own = Object.fromEntries(Object.keys(rules).map((name) => [name, options[name as keyof Options]]));
  readOptions(optimizer, { ...own, lr: lr < 0 ? 0 : lr }, rules);
}
