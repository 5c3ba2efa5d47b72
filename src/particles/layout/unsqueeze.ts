import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { normalizeAxis } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { shapeOnly } from "./how/shapeOnly.ts";

export interface UnsqueezeAttributes {
  readonly axis: number;
}

export const unsqueezeParticle: Particle<{ input: 1 }, UnsqueezeAttributes> = {
  ...shapeOnly,
  name: "unsqueeze",
  summary: "Puts in an axis of size 1.",
  formula: "y[i, 0, j] = x[i, j]",
  example: { inputs: { input: [1, 2, 3] }, attributes: { axis: 0 } },
  shape({ input }, { axis }) {
    const at = normalizeAxis("unsqueeze", axis, input.length + 1);
    return [...input.slice(0, at), 1, ...input.slice(at)];
  },
};

/**
 * Puts an axis of size 1 in front of `axis`; −1 puts it last. No element moves.
 *
 * @throws ShapeError where there is no such place.
 */
export function unsqueeze(input: Tensor, axis: number): Tensor {
  return apply(unsqueezeParticle, { input }, { axis });
}
