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
  reducedCount,
  reducedShape,
  reductionAttributes,
  reductionPlan,
  reductionWorkspace,
  spreadInto,
  sumInto,
} from "./how/reduction.ts";

export const meanParticle: Particle<{ input: 1 }, ReductionAttributes, never, object, ReductionPlan> = {
  name: "mean",
  summary: "The average of a tensor along one, several or all axes.",
  formula: "y = 1/n · Σ x over the axes, n = how many x become one y",
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
  plan: ({ input }, attributes) => reductionPlan("mean", input, attributes),
  shape: (_, { output }) => output,
  workspace: (_, plan) => reductionWorkspace(plan),
  forward({ input, output, workspace }, plan) {
    sumInto(plan, input.ptr, output.ptr, workspace, plan.count);
  },
  backward({ grad, workspace }, { input }, plan) {
    if (input) spreadInto(plan, grad.ptr, input.ptr, workspace, plan.count);
  },
  cost: ({ input }, { output }) => {
    const outputs = sizeOf(output);
    return { flops: sizeOf(input) + outputs, bytes: 4 * (sizeOf(input) + outputs) };
  },
  definition({ input }, attributes) {
    const sums = new Array<number>(sizeOf(reducedShape("mean", input.shape, attributes))).fill(0);
    outputPlaces(input.shape, attributes.axes).forEach((place, i) => {
      sums[place]! += input.data[i]!;
    });
    const n = reducedCount(input.shape, attributes.axes);
    return sums.map((sum) => sum / n);
  },
};

/**
 * The mean over `axes`: one axis, several, or all where none are given; negative axes count from the end. Reduced axes leave
 * the shape, or stay with size 1 under `keepDim`. The mean of nothing is NaN, as in PyTorch.
 *
 * @throws ShapeError for an axis that is not there or named twice.
 */
export function mean(input: Tensor, axes?: Axes, options?: boolean | ReductionOptions): Tensor {
  return apply(meanParticle, { input }, reductionAttributes("mean", axes, options));
}
