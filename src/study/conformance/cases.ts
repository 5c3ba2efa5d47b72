/** Samples filled with numbers, what is done with each, and how a failure tells where it happened. */
import { scope } from "../../core/scope.ts";
import type { Shape } from "../../core/shape.ts";
import { show } from "../../core/shape.ts";
import { memory } from "../../engine/storage.ts";
import { Mismatch } from "../numbers/compare.ts";
import type { Fill } from "../numbers/values.ts";
import type { AnySample, Given } from "./claims.ts";

/** A sample, and how the ports of which it gives the shape are filled. */
export interface Case {
  readonly sample: AnySample;
  readonly fill: Fill;
  readonly seed: number;
}

/** Runs `body` on cases filled in each of these ways. `share`: among drawn cases, one in so many is enough. */
export type EveryCase = (fills: readonly Fill[], share: number, body: (one: Case) => void) => void;

/** Every sample, filled in every way, `seeds` times each. */
export function everyListed(samples: readonly AnySample[], seeds: number): EveryCase {
  return (fills, _, body) => {
    for (const [index, sample] of samples.entries()) {
      for (const fill of new Set(fills)) {
        for (let seed = 1; seed <= seeds; seed++) {
          const one: Case = { sample, fill, seed };
          named(`sample ${index}: ${describe(one)}`, () => body(one));
        }
      }
    }
  };
}

/** Runs `body` in a scope, after which nothing may be left; an error tells the name. */
export function named(name: string, body: () => void): void {
  try {
    leavingNothing(body);
  } catch (error) {
    throw failure(error, name);
  }
}

/** Runs `body` in a scope; throws where blocks stay in use after it. */
export function leavingNothing(body: () => void): void {
  const before = memory();
  scope(body);
  const after = memory();
  const blocks = after.liveBlocks - before.liveBlocks;
  const bytes = after.liveBytes - before.liveBytes;
  if (blocks !== 0 || bytes !== 0) throw new Mismatch(`it leaks: ${blocks} blocks of ${bytes} bytes stay in use`);
}

export function isShape(given: Given): given is Shape {
  return Array.isArray(given);
}

export function describe({ sample, fill, seed }: Case): string {
  return `${describeSample(sample)}, filled with ${fill} by seed ${seed}`;
}

export function describeSample(sample: AnySample): string {
  const ports = Object.entries(sample.inputs).filter(([, given]) => given !== undefined);
  const inputs = ports.map(([port, given]) => {
    if (isShape(given)) return `${port} ${show(given)}`;
    const values = Array.from(given.data);
    return `${port} ${show(given.shape)} = ${values.slice(0, 24).join(" ")}${values.length > 24 ? " …" : ""}`;
  });
  const attributes = sample.attributes === undefined ? "" : `, attributes ${JSON.stringify(sample.attributes)}`;
  return `${inputs.join(", ")}${attributes}`;
}

/** The error, saying where it happened, with its own stack. */
export function failure(error: unknown, where: string): Error {
  if (!(error instanceof Error)) return new Mismatch(`${where}\n${error}`);
  const told = new Mismatch(`${where}\n${error.name}: ${error.message}`);
  const frames = error.stack?.indexOf("\n    at ") ?? -1;
  if (frames >= 0) told.stack = `${told.name}: ${told.message}${error.stack!.slice(frames)}`;
  return told;
}
