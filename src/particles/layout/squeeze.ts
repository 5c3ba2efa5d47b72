import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { normalizeAxes } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { shapeOnly } from "./how/shapeOnly.ts";

export interface SqueezeAttributes {
  /** The axes that may go; all where undefined. */
  readonly axes: number | readonly number[] | undefined;
}

export const squeezeParticle: Particle<{ input: 1 }, SqueezeAttributes> = {
  ...shapeOnly,
  name: "squeeze",
  summary: "Drops axes of size 1.",
  formula: "y[i, j] = x[i, 0, j]",
  example: { inputs: { input: [[1, 2, 3]] }, attributes: { axes: 0 } },
  shape({ input }, { axes }) {
    const named = normalizeAxes("squeeze", axes, input.length);
    return input.filter((size, axis) => size !== 1 || !named.includes(axis));
  },
};

/**
 * Drops axes of size 1: all of them, or those named that have it. No element moves.
 *
 * @throws ShapeError where a named axis does not exist.
 */
export function squeeze(input: Tensor, axes?: number | readonly number[]): Tensor {
  return apply(squeezeParticle, { input }, { axes });
}
