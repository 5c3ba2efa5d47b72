import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { normalizeAxis, type Shape, show, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ShapeError } from "../../errors.ts";
import { shapeOnly } from "./how/shapeOnly.ts";

export interface FlattenAttributes {
  readonly startAxis: number;
  readonly endAxis: number;
}

export const flattenParticle: Particle<{ input: 1 }, FlattenAttributes> = {
  ...shapeOnly,
  name: "flatten",
  summary: "Makes several neighbouring axes one.",
  formula: "y[n, k] = x[n, c, h, w], k = (c·H + h)·W + w",
  example: {
    inputs: {
      input: [
        [
          [
            [1, 2],
            [3, 4],
          ],
          [
            [5, 6],
            [7, 8],
          ],
        ],
      ],
    },
    attributes: { startAxis: 1, endAxis: -1 },
  },
  shape: ({ input }, { startAxis, endAxis }) => flattened(input, startAxis, endAxis),
};

/**
 * Makes the axes from `startAxis` to `endAxis`, both included, one; all of them by default. `flatten(x, 1)` keeps the samples apart:
 * [64, 64, 7, 7] becomes [64, 3136]. No element moves.
 *
 * @throws ShapeError where an axis does not exist or `startAxis` comes after `endAxis`.
 */
export function flatten(input: Tensor, startAxis = 0, endAxis = -1): Tensor {
  return apply(flattenParticle, { input }, { startAxis, endAxis });
}

function flattened(input: Shape, startAxis: number, endAxis: number): Shape {
  const start = normalizeAxis("flatten", startAxis, input.length);
  const end = normalizeAxis("flatten", endAxis, input.length);
  if (start > end) {
    throw new ShapeError(
      `flatten: startAxis ${startAxis} comes after endAxis ${endAxis} (input ${show(input)}); swap them`,
    );
  }
  return [...input.slice(0, start), sizeOf(input.slice(start, end + 1)), ...input.slice(end + 1)];
}
