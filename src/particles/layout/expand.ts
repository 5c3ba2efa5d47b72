import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { checkShape, type Shape, show, sizeOf, stridesOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ShapeError } from "../../errors.ts";
import { coordinatesOf, positionOf } from "../how/coordinates.ts";
import { type Passes, passesOver, sumInto } from "../reduction/how/reduction.ts";
import { stridedCopy } from "./how/stridedCopy.ts";

export interface ExpandAttributes {
  /** The sizes wanted; −1 keeps that of the input. */
  readonly shape: Shape;
}

interface ExpandPlan {
  readonly output: Shape;
  /** Of the input along the axes of the output. */
  readonly strides: readonly number[];
  readonly sum: Passes;
}

export const expandParticle: Particle<{ input: 1 }, ExpandAttributes, never, object, ExpandPlan> = {
  name: "expand",
  summary: "Repeats a tensor along axes of size 1.",
  formula: "y[k, i, j] = x[i, 0]",
  example: { inputs: { input: [[1], [2]] }, attributes: { shape: [2, 3] } },
  keeps: [],
  dtypes: { input: "any" },
  outputDtype: "input",
  plan({ input }, { shape }) {
    const output = expanded(input, shape);
    const own = stridesOf(input);
    const missing = output.length - input.length;
    const strides = output.map((_, axis) => (input[axis - missing] === 1 ? 0 : (own[axis - missing] ?? 0)));
    return { output, strides, sum: passesOver(output, repeatedAxes(input, output)) };
  },
  shape: (_, { output }) => output,
  workspace: (_, { sum }) => ({ backward: sum.passBytes }),
  forward({ input, output }, { strides }) {
    const to = { ptr: output.ptr, strides: stridesOf(output.shape) };
    stridedCopy(input.dtype, output.shape, { ptr: input.ptr, strides }, to);
  },
  backward({ grad, workspace }, { input }, { sum }) {
    if (input) sumInto(sum, grad.ptr, input.ptr, workspace);
  },
  cost: ({ input }, { output }) => ({ flops: 0, bytes: 4 * (sizeOf(input) + sizeOf(output)) }),
  definition({ input }, attributes) {
    const shape = expanded(input.shape, attributes.shape);
    const missing = shape.length - input.shape.length;
    return Float64Array.from({ length: sizeOf(shape) }, (_, at) => {
      const source = coordinatesOf(at, shape).slice(missing);
      const place = source.map((index, axis) => (input.shape[axis] === 1 ? 0 : index));
      return input.data[positionOf(place, input.shape)]!;
    });
  },
};

/**
 * Repeats a tensor along axes of size 1, and along new axes in front, until it has `shape`; −1 keeps a size. Ops that take two operands
 * do this by themselves and without a copy; here the result is a dense copy.
 *
 * @throws ShapeError where a size that is not 1 would have to change, or where there are fewer sizes than axes.
 */
export function expand(input: Tensor, shape: Shape): Tensor {
  return apply(expandParticle, { input }, { shape });
}

function expanded(input: Shape, wanted: Shape): Shape {
  const missing = wanted.length - input.length;
  if (missing < 0) {
    throw new ShapeError(
      `expand: ${wanted.length} sizes are fewer than the ${input.length} axes of the input (input ${show(input)}, shape ${show(wanted)}); name a size for each, −1 to keep it`,
    );
  }
  return checkShape(
    "expand",
    wanted.map((size, axis) => {
      const own = input[axis - missing];
      if (size === -1 && own !== undefined) return own;
      if (own === undefined || own === 1 || own === size) return size;
      throw new ShapeError(
        `expand: size ${own} at axis ${axis - missing} cannot become ${size} (input ${show(input)}, shape ${show(wanted)}); only a size of 1 can be repeated`,
      );
    }),
  );
}

/** The axes of the output along which the input was repeated, new ones among them. */
function repeatedAxes(input: Shape, output: Shape): number[] {
  const missing = output.length - input.length;
  return output.flatMap((size, axis) => (axis < missing || (input[axis - missing] === 1 && size !== 1) ? [axis] : []));
}
