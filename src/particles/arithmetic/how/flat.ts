import type { Block } from "../../../core/particle.ts";
import { kernels } from "../../../engine/generated/arithmetic.ts";
import { parallel } from "../../../engine/parallel.ts";
import { simpleGrain } from "../../how/elementwise.ts";

/** dx = 0, for functions that are constant between their jumps. */
export function zeroGrad(into: Block | undefined): void {
  if (into) parallel(kernels.noSlope, into.size, simpleGrain, into.ptr);
}
