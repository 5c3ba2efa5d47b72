import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { listOf, normalizeAxis, type Shape, show, sizeOf, stridesOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ShapeError } from "../../errors.ts";
import { coordinatesOf, positionOf } from "../how/coordinates.ts";
import { stridedCopy } from "./how/stridedCopy.ts";

export interface PermuteAttributes {
  /** `axes[k]` is the axis of the input that becomes axis k of the output. */
  readonly axes: readonly number[];
}

export const permuteParticle: Particle<{ input: 1 }, PermuteAttributes, never, object, readonly number[]> = {
  name: "permute",
  summary: "Puts the axes of a tensor in another order.",
  formula: "y[i₀, i₁, …] = x[j], j at axes[k] = iₖ",
  example: {
    inputs: {
      input: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    },
    attributes: { axes: [1, 0] },
  },
  keeps: [],
  dtypes: { input: "any" },
  outputDtype: "input",
  plan: ({ input }, { axes }) => normalized(input, axes),
  shape: ({ input }, order) => order.map((axis) => input[axis]!),
  forward({ input, output }, order) {
    const strides = stridesOf(input.shape);
    const from = order.map((axis) => strides[axis]!);
    const to = stridesOf(output.shape);
    stridedCopy(input.dtype, output.shape, { ptr: input.ptr, strides: from }, { ptr: output.ptr, strides: to });
  },
  backward({ grad }, into, order) {
    if (!into.input) return;
    const { ptr, shape } = into.input;
    const source = stridesOf(grad.shape);
    const from = new Array<number>(shape.length);
    for (const [k, axis] of order.entries()) from[axis] = source[k]!;
    stridedCopy("float32", shape, { ptr: grad.ptr, strides: from }, { ptr, strides: stridesOf(shape) });
  },
  cost: ({ input }) => ({ flops: 0, bytes: 8 * sizeOf(input) }),
  definition({ input }, { axes }) {
    const order = normalized(input.shape, axes);
    const shape = order.map((axis) => input.shape[axis]!);
    return Float64Array.from({ length: input.data.length }, (_, at) => {
      const source = new Array<number>(shape.length);
      for (const [k, index] of coordinatesOf(at, shape).entries()) source[order[k]!] = index;
      return input.data[positionOf(source, input.shape)]!;
    });
  },
};

/**
 * The axes in another order: `permute(images, [0, 2, 3, 1])` turns NCHW into NHWC. Axis k of the result is axis `axes[k]` of the
 * input; negative axes count from the last. The result is a dense copy.
 *
 * @throws ShapeError where `axes` is not each axis of the input once.
 */
export function permute(input: Tensor, ...axes: number[] | [axes: readonly number[]]): Tensor {
  return apply(permuteParticle, { input }, { axes: listOf(axes) });
}

function normalized(input: Shape, axes: readonly number[]): number[] {
  const order = axes.map((axis) => normalizeAxis("permute", axis, input.length));
  if (order.length !== input.length || new Set(order).size !== order.length) {
    throw new ShapeError(
      `permute: axes ${show(axes)} are not an order of ${input.length} axes (input ${show(input)}); name each from 0 to ${input.length - 1} once`,
    );
  }
  return order;
}
