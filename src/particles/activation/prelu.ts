import { apply } from "../../core/apply.ts";
import type { Block, Particle } from "../../core/particle.ts";
import { type Shape, show, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { number, written } from "../../core/written.ts";
import { kernels } from "../../engine/generated/activation.ts";
import { ShapeError } from "../../errors.ts";
import {
  type BroadcastPlan,
  broadcastPlan,
  gradientTo,
  gradientWorkspace,
  zip,
  zipGrad,
  zipValues,
} from "../how/broadcast.ts";
import { simpleGrain } from "../how/elementwise.ts";

type Ports = { input: 1; weight: 1 };

interface PreluPlan extends BroadcastPlan<Ports> {
  /** The weight seen so that it broadcasts along the channels. */
  readonly slopes: Shape;
}

export const preluParticle: Particle<Ports, void, "input" | "weight", object, PreluPlan> = {
  name: "prelu",
  summary: "The element where it is positive, a learnt fraction of it elsewhere.",
  formula: "y = x > 0 ? x : w · x, w for all or for each channel",
  example: { inputs: { input: [[-2, 4], [1, -3]], weight: [0.25, 0.5] } }, // biome-ignore format: as on paper
  keeps: ["input", "weight"],
  plan({ input, weight }) {
    const slopes = slopesOf(input, weight);
    return { ...broadcastPlan<Ports>("prelu", { input, weight: slopes }), slopes };
  },
  shape: ({ input }) => input,
  workspace: (_, plan) => gradientWorkspace(plan),
  forward({ input, weight, output }, plan) {
    zip(kernels.prelu, input, seen(weight, plan), output);
  },
  backward({ input, weight, grad, workspace }, into, plan) {
    const slopes = seen(weight, plan);
    if (into.input) zipGrad(kernels.preluGradInput, input, slopes, grad, into.input);
    if (into.weight) {
      gradientTo(grad.shape, seen(into.weight, plan), plan.sums.weight, workspace, (dw) =>
        zipGrad(kernels.preluGradWeight, input, slopes, grad, dw, simpleGrain),
      );
    }
  },
  cost: ({ input }) => ({ flops: 2 * sizeOf(input), bytes: 8 * sizeOf(input) }),
  definition: ({ input, weight }) =>
    zipValues({ input, weight: { ...weight, shape: slopesOf(input.shape, weight.shape) } }, (x, w) =>
      x > 0 ? x : w * x,
    ),
  arithmetic: ({ input, weight }) => {
    const slopes = { ...weight, shape: slopesOf(input.shape, weight.shape) };
    const each = zipValues({ input: { ...input, data: input.data }, weight: slopes }, (_, w) => w);
    return Array.from(input.data, (x, at) => (x > 0 ? number(x) : `${written(each[at]!)}·${written(x)}`));
  },
};

function slopesOf(input: Shape, weight: Shape): Shape {
  const count = sizeOf(weight);
  const channels = input.length > 1 ? input[1]! : 1;
  if (weight.length > 1 || (count !== 1 && count !== channels)) {
    throw new ShapeError(
      `prelu: weight must have 1 number or one for each of the ${channels} channels, got ${count} (input ${show(input)}, weight ${show(weight)}); channels lie along axis 1`,
    );
  }
  return count === 1 ? [1].slice(0, input.length) : [count, ...input.slice(2).map(() => 1)];
}

const seen = ({ ptr, size }: Block, { slopes }: PreluPlan) => ({ ptr, size, shape: slopes });

/**
 * x where it is positive, w·x elsewhere, with a slope `weight` that is learnt: one number for all elements, or one for each channel
 * (axis 1). The derivative at 0 is w.
 *
 * @throws ShapeError for a weight of another size.
 */
export function prelu(input: Tensor, weight: Tensor): Tensor {
  return apply(preluParticle, { input, weight }, undefined);
}
