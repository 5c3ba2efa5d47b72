/** Golden vectors: inputs, outputs and gradients computed by another system in float64, in `test/golden/<op>.json`. */
import { existsSync, readFileSync } from "node:fs";
import type { DType } from "../../src/core/dtype.ts";
import type { Values } from "../../src/core/particle.ts";

export interface Golden {
  readonly attributes?: unknown;
  readonly inputs: { readonly [port: string]: Values & { readonly dtype: DType } };
  readonly output?: Values;
  /** The gradient that arrives at the output, and those of the ports. */
  readonly grad?: Values;
  /** The same by name, for an op of several outputs. */
  readonly outputs?: { readonly [output: string]: Values };
  readonly grads?: { readonly [output: string]: Values };
  readonly gradients?: { readonly [port: string]: Values };
}

/** The cases recorded for an op; none where there is no file. JSON has no NaN and infinities: they are written as strings. */
export function loadGolden(op: string): readonly Golden[] {
  const file = new URL(`../golden/${op}.json`, import.meta.url);
  if (!existsSync(file)) return [];
  const special = /^(NaN|-?Infinity|-0)$/;
  const { cases } = JSON.parse(readFileSync(file, "utf8"), (_, value) =>
    typeof value === "string" && special.test(value) ? Number(value) : value,
  );
  return cases;
}
