import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { writtenPowers } from "../loss/how/writtenLosses.ts";
import {
  eachLine,
  type Line,
  linesAlong,
  type SoftmaxAttributes,
  softmaxBackward,
  softmaxForward,
} from "./how/softmaxAxis.ts";

export const softmaxParticle: Particle<{ input: 1 }, SoftmaxAttributes, "output", object, Line> = {
  name: "softmax",
  summary: "Turns numbers into probabilities along an axis, in the proportions of their powers of e.",
  formula: "y[i] = e^x[i] / Σ j e^x[j] along the axis",
  example: { inputs: { input: [1, 2, 3] }, attributes: { axis: 0 } },
  keeps: ["output"],
  plan: ({ input }, { axis }) => linesAlong("softmax", input, axis),
  shape: ({ input }) => input,
  forward: ({ input, output }, line) => softmaxForward(input, output, line, 0),
  backward({ output, grad }, { input }, line) {
    if (input) softmaxBackward(output, grad, input, line, 0);
  },
  // Maximum, difference, power (about 20), sum, quotient.
  cost: ({ input }) => ({ flops: 24 * sizeOf(input), bytes: 8 * sizeOf(input) }),
  definition({ input }, { axis }) {
    const result = new Array<number>(input.data.length);
    eachLine(input.shape, axis, (places) => {
      const largest = Math.max(...places.map((at) => input.data[at]!));
      const powers = places.map((at) => Math.exp(input.data[at]! - largest));
      const sum = powers.reduce((total, power) => total + power, 0);
      places.forEach((at, i) => {
        const power = powers[i]!;
        result[at] = power / sum;
      });
    });
    return result;
  },
  arithmetic({ input }, { axis }) {
    const result = new Array<string>(input.data.length);
    eachLine(input.shape, axis, (places) => {
      const sum = writtenPowers(places.map((at) => input.data[at]!));
      for (const at of places) result[at] = `${writtenPowers([input.data[at]!])} / (${sum})`;
    });
    return result;
  },
};

/**
 * Softmax along `axis`: positive numbers that sum to 1, in the proportions of e^x. Large numbers do no harm, since the maximum is
 * subtracted first. NaN, +∞, or nothing but −∞ along the axis make all of it NaN.
 *
 * @throws ShapeError for an axis that is not there.
 */
export function softmax(input: Tensor, axis: number): Tensor {
  return apply(softmaxParticle, { input }, { axis });
}
