/** Shapes with axes to reduce: one, several, all, none, counted from either end. */
import fc from "fast-check";
import type { ReductionAttributes } from "../../src/particles/reduction/how/reduction.ts";
import { anyShape } from "./shapes.ts";

export interface ReductionSample {
  readonly inputs: { readonly input: readonly number[] };
  readonly attributes: ReductionAttributes;
}

export function reductionSamples(options: Parameters<typeof anyShape>[0] = {}): fc.Arbitrary<ReductionSample> {
  return anyShape({ maxRank: 5, ...options }).chain((input) => {
    const rank = input.length;
    const one = fc.integer({ min: -Math.max(rank, 1), max: Math.max(rank, 1) - 1 });
    const some = fc
      .array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: rank, maxLength: rank })
      .map((flags) => flags.flatMap(([taken, fromEnd], axis) => (taken ? [fromEnd ? axis - rank : axis] : [])));
    return fc
      .tuple(fc.oneof(fc.constant(undefined), one, some), fc.boolean())
      .map(([axes, keepDim]) => ({ inputs: { input }, attributes: { axes, keepDim } }));
  });
}

/** Shapes whose reduction takes several passes or several blocks of columns. */
export const longReductions: readonly ReductionSample[] = [
  { inputs: { input: [20000] }, attributes: { axes: undefined, keepDim: false } },
  { inputs: { input: [2, 8200] }, attributes: { axes: 1, keepDim: false } },
  { inputs: { input: [300, 5] }, attributes: { axes: 0, keepDim: true } },
  { inputs: { input: [2, 1030] }, attributes: { axes: 0, keepDim: false } },
  { inputs: { input: [3, 270, 7] }, attributes: { axes: [1], keepDim: false } },
  { inputs: { input: [4, 3, 30, 30] }, attributes: { axes: [0, 2, 3], keepDim: false } },
];
