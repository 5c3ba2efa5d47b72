import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import {
  type Axes,
  outputPlaces,
  type ReductionAttributes,
  type ReductionOptions,
  reducedShape,
  reductionAttributes,
  reductionBytes,
  spreadBytes,
  spreadInto,
  sumInto,
} from "./how/reduction.ts";

export const sumParticle: Particle<{ input: 1 }, ReductionAttributes> = {
  name: "sum",
  summary: "Adds up a tensor along one, several or all axes.",
  formula: "y = Σ x over the axes",
  example: {
    inputs: {
      input: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    },
    attributes: { axes: 1, keepDim: false },
  },
  keeps: [],
  shape: ({ input }, attributes) => reducedShape("sum", input, attributes),
  workspace: ({ input }, { axes }) => Math.max(reductionBytes(input, axes), spreadBytes(input, axes)),
  forward({ input, output, workspace }, { axes }) {
    sumInto(input.shape, axes, input.ptr, output.ptr, workspace);
  },
  backward({ grad, workspace }, { input }, { axes }) {
    if (input) spreadInto(input.shape, axes, grad.ptr, input.ptr, workspace);
  },
  cost: ({ input }, attributes) => ({
    flops: sizeOf(input),
    bytes: 4 * (sizeOf(input) + sizeOf(reducedShape("sum", input, attributes))),
  }),
  definition({ input }, attributes) {
    const sums = new Array<number>(sizeOf(reducedShape("sum", input.shape, attributes))).fill(0);
    outputPlaces(input.shape, attributes.axes).forEach((place, i) => {
      sums[place]! += input.data[i]!;
    });
    return sums;
  },
};

/**
 * The sum over `axes`: one axis, several, or all where none are given; negative axes count from the end. Reduced axes leave the
 * shape, or stay with size 1 under `keepDim`. The sum of nothing is 0. An empty list of axes reduces nothing.
 *
 * @throws ShapeError for an axis that is not there or named twice.
 */
export function sum(input: Tensor, axes?: Axes, options: ReductionOptions = {}): Tensor {
  return apply(sumParticle, { input }, reductionAttributes(axes, options));
}
