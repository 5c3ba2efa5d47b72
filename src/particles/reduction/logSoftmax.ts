import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { written } from "../../core/written.ts";
import { writtenPowers } from "../loss/how/writtenLosses.ts";
import {
  eachLine,
  type Line,
  linesAlong,
  type SoftmaxAttributes,
  softmaxBackward,
  softmaxForward,
} from "./how/softmaxAxis.ts";

export const logSoftmaxParticle: Particle<{ input: 1 }, SoftmaxAttributes, "output", object, Line> = {
  name: "logSoftmax",
  summary: "The logarithm of softmax along an axis, without computing probabilities that might vanish.",
  formula: "y[i] = x[i] − ln Σ j e^x[j] along the axis",
  example: { inputs: { input: [1, 2, 3] }, attributes: { axis: 0 } },
  keeps: ["output"],
  plan: ({ input }, { axis }) => linesAlong("logSoftmax", input, axis),
  shape: ({ input }) => input,
  forward: ({ input, output }, line) => softmaxForward(input, output, line, 1),
  backward({ output, grad }, { input }, line) {
    if (input) softmaxBackward(output, grad, input, line, 1);
  },
  // Maximum, difference, power (about 20), sum, two differences.
  cost: ({ input }) => ({ flops: 25 * sizeOf(input), bytes: 8 * sizeOf(input) }),
  definition({ input }, { axis }) {
    const result = new Array<number>(input.data.length);
    eachLine(input.shape, axis, (places) => {
      const largest = Math.max(...places.map((at) => input.data[at]!));
      const sum = places.reduce((total, at) => total + Math.exp(input.data[at]! - largest), 0);
      for (const at of places) result[at] = input.data[at]! - largest - Math.log(sum);
    });
    return result;
  },
  arithmetic({ input }, { axis }) {
    const result = new Array<string>(input.data.length);
    eachLine(input.shape, axis, (places) => {
      const sum = writtenPowers(places.map((at) => input.data[at]!));
      for (const at of places) result[at] = `${written(input.data[at]!)} − ln(${sum})`;
    });
    return result;
  },
};

/**
 * The logarithm of softmax along `axis`, without the detour over numbers that would vanish: `x − max − ln Σ e^(x − max)`. NaN, +∞,
 * or nothing but −∞ along the axis make all of it NaN.
 *
 * @throws ShapeError for an axis that is not there.
 */
export function logSoftmax(input: Tensor, axis: number): Tensor {
  return apply(logSoftmaxParticle, { input }, { axis });
}
