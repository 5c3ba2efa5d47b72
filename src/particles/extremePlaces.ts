/** Argmax and argmin are one particle but for the direction. */
import type { Particle } from "../core/particle.ts";
import { normalizeAxis, sizeOf } from "../core/shape.ts";
import { kernels } from "../engine/module.ts";
import { parallel } from "../engine/parallel.ts";
import { checkNotEmpty } from "./extremes.ts";
import { alongAxes, reducedShape, signBit } from "./reduction.ts";

export interface PlaceAttributes {
  readonly axis?: number | undefined;
  readonly keepDim: boolean;
}

export interface PlaceOptions {
  /** Leaves the axis in the shape, with size 1. */
  readonly keepDim?: boolean;
}

/** Elements that one thread handles in about 20 µs. */
const grain = 32768;

export function extremePlaceParticle(name: "argmax" | "argmin"): Particle<{ input: 1 }, PlaceAttributes> {
  const minimum = name === "argmin";
  return {
    name,
    summary: `The place of the ${minimum ? "smallest" : "largest"} element along an axis.`,
    formula: `y = the first i with x[i] = ${minimum ? "min" : "max"} x along the axis`,
    example: {
      inputs: {
        input: [
          [1, 5, 3],
          [6, 4, 2],
        ],
      },
      attributes: { axis: 1, keepDim: false },
    },
    keeps: [],
    outputDtype: "int32",
    shape({ input }, { axis, keepDim }) {
      if (axis !== undefined) normalizeAxis(name, axis, input.length);
      checkNotEmpty(name, input, axis);
      return reducedShape(name, input, { axes: axis, keepDim });
    },
    forward({ input, output }, { axis }) {
      const { outer, axis: size, inner } = alongAxes(input.shape, axis)!;
      const pieces = Math.ceil(grain / Math.max(size * inner, 1));
      parallel(kernels.extremeIndex, outer, pieces, input.ptr, output.ptr, size, inner, minimum ? signBit : 0);
    },
    cost: ({ input }, { axis, keepDim }) => ({
      flops: sizeOf(input),
      bytes: 4 * (sizeOf(input) + sizeOf(reducedShape(name, input, { axes: axis, keepDim }))),
    }),
    definition({ input }, { axis }) {
      const { outer, axis: size, inner } = alongAxes(input.shape, axis)!;
      const places: number[] = [];
      for (let o = 0; o < outer; o++) {
        for (let j = 0; j < inner; j++) {
          const at = (i: number) => input.data[(o * size + i) * inner + j]!;
          let place = 0;
          for (let i = 1; i < size; i++) {
            const better = minimum ? at(i) < at(place) : at(i) > at(place);
            if (better || (Number.isNaN(at(i)) && !Number.isNaN(at(place)))) place = i;
          }
          places.push(place);
        }
      }
      return places;
    },
  };
}
