import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import {
  type Axes,
  outputPlaces,
  type ReductionAttributes,
  type ReductionOptions,
  type ReductionPlan,
  reducedShape,
  reductionAttributes,
  reductionPlan,
  reductionWorkspace,
  spreadInto,
  sumInto,
} from "./how/reduction.ts";

export const sumParticle: Particle<{ input: 1 }, ReductionAttributes, never, object, ReductionPlan> = {
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
  plan: ({ input }, attributes) => reductionPlan("sum", input, attributes),
  shape: (_, { output }) => output,
  workspace: (_, plan) => reductionWorkspace(plan),
  forward({ input, output, workspace }, plan) {
    sumInto(plan, input.ptr, output.ptr, workspace);
  },
  backward({ grad, workspace }, { input }, plan) {
    if (input) spreadInto(plan, grad.ptr, input.ptr, workspace);
  },
  cost: ({ input }, { output }) => ({ flops: sizeOf(input), bytes: 4 * (sizeOf(input) + sizeOf(output)) }),
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
export function sum(input: Tensor, axes?: Axes, options?: boolean | ReductionOptions): Tensor {
  return apply(sumParticle, { input }, reductionAttributes("sum", axes, options));
}
