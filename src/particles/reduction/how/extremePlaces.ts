/** Argmax and argmin are one particle but for the direction. */
import type { Particle, Values } from "../../../core/particle.ts";
import { sizeOf } from "../../../core/shape.ts";
import { number } from "../../../core/written.ts";
import { kernels } from "../../../engine/generated/reduction.ts";
import { parallel } from "../../../engine/parallel.ts";
import { checkNotEmpty } from "./extremes.ts";
import { alongAxes, passesOver, type ReductionPlan, reductionPlan, signBit } from "./reduction.ts";

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

export function extremePlaceParticle(
  name: "argmax" | "argmin",
): Particle<{ input: 1 }, PlaceAttributes, never, object, ReductionPlan> {
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
    plan({ input }, { axis, keepDim }) {
      const plan = reductionPlan(name, input, { axes: axis, keepDim });
      checkNotEmpty(name, input, plan);
      return plan;
    },
    shape: (_, { output }) => output,
    forward({ input, output }, plan) {
      const { outer, axis: size, inner } = alongAxes(plan)!;
      const pieces = Math.ceil(grain / Math.max(size * inner, 1));
      parallel(kernels.extremeIndex, outer, pieces, input.ptr, output.ptr, size, inner, minimum ? signBit : 0);
    },
    cost: ({ input }, { output }) => ({ flops: sizeOf(input), bytes: 4 * (sizeOf(input) + sizeOf(output)) }),
    definition({ input }, { axis }) {
      return linesOf(input, axis).map((line) => placeIn(line, minimum));
    },
    arithmetic: ({ input }, { axis }) =>
      linesOf(input, axis).map((line) => {
        const best = line[placeIn(line, minimum)]!;
        const first = line.filter((x) => x === best).length > 1 ? "first " : "";
        const list = line.map(number).join(", ");
        return `the ${first}place of ${minimum ? "min" : "max"}(${list}) = the ${first}place of ${number(best)}`;
      }),
  };
}

/** The elements along the axis, or all of them, for each place of the other axes: for the definition. */
function linesOf({ shape, data }: Values, axis: number | undefined): number[][] {
  const { outer, axis: size, inner } = alongAxes(passesOver(shape, axis))!;
  return Array.from({ length: outer * inner }, (_, line) => {
    const start = Math.floor(line / inner) * size * inner + (line % inner);
    return Array.from({ length: size }, (_, i) => data[start + i * inner]!);
  });
}

/** The first place of the largest or smallest; of NaN, where there is one. Part of the definition. */
function placeIn(line: readonly number[], minimum: boolean): number {
  let place = 0;
  for (const [i, x] of line.entries()) {
    const best = line[place]!;
    if ((minimum ? x < best : x > best) || (Number.isNaN(x) && !Number.isNaN(best))) place = i;
  }
  return place;
}
