import { apply } from "../../core/apply.ts";
import { bytesOf, type DType } from "../../core/dtype.ts";
import { type OptionsOf, option, readOptions } from "../../core/options.ts";
import type { Particle } from "../../core/particle.ts";
import { checkShape, type Shape, show, sizeOf, stridesOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/layout.ts";
import { parallel } from "../../engine/parallel.ts";
import { ShapeError } from "../../errors.ts";
import { coordinatesOf, positionOf } from "../how/coordinates.ts";
import { stridedCopy } from "./how/stridedCopy.ts";

export interface PadAttributes {
  /** Before and after, the last axis first: `[left, right, top, bottom, …]`. */
  readonly widths: readonly number[];
  readonly value: number;
}

interface PadPlan {
  readonly shape: Shape;
  /** Where in the padded tensor the first element of the input lies. */
  readonly first: number;
  readonly value: number;
}

export const padParticle: Particle<{ input: 1 }, PadAttributes, never, object, PadPlan> = {
  name: "pad",
  summary: "Puts a frame of one value around a tensor.",
  formula: "y[i + before] = x[i]; value elsewhere",
  example: {
    inputs: {
      input: [
        [1, 2],
        [3, 4],
      ],
    },
    attributes: { widths: [1, 0, 0, 1], value: 9 },
  },
  keeps: [],
  dtypes: { input: "any" },
  outputDtype: "input",
  plan: ({ input }, { widths, value }) => ({ ...padded(input, widths), value }),
  shape: (_, { shape }) => shape,
  forward({ input, output }, { first, value }) {
    const bytes = bytesOf[input.dtype];
    if (bytes === 1) kernels.fillBytes(output.ptr, value, output.size);
    else parallel(kernels.fillWords32, Math.ceil(output.size / 4), 16384, output.ptr, bitsOf(value, input.dtype));
    const to = { ptr: output.ptr + first * bytes, strides: stridesOf(output.shape) };
    stridedCopy(input.dtype, input.shape, { ptr: input.ptr, strides: stridesOf(input.shape) }, to);
  },
  backward({ grad }, into, { first }) {
    if (!into.input) return;
    const { ptr, shape } = into.input;
    const from = { ptr: grad.ptr + first * 4, strides: stridesOf(grad.shape) };
    stridedCopy("float32", shape, from, { ptr, strides: stridesOf(shape) });
  },
  cost: ({ input }, { shape }) => ({ flops: 0, bytes: 4 * (sizeOf(input) + sizeOf(shape)) }),
  definition({ input }, attributes) {
    const { shape } = padded(input.shape, attributes.widths);
    const edges = edgesOf(input.shape, attributes.widths);
    return Float64Array.from({ length: sizeOf(shape) }, (_, at) => {
      const source = coordinatesOf(at, shape).map((index, axis) => index - edges[axis]![0]);
      const inside = source.every((index, axis) => index >= 0 && index < input.shape[axis]!);
      return inside ? input.data[positionOf(source, input.shape)]! : attributes.value;
    });
  },
};

const padOptions: OptionsOf<{ value: number }> = {
  value: option<number>(0, "a number", (value) => typeof value === "number"),
};

/**
 * A frame of `value` around a tensor. As in PyTorch, `widths` goes from the last axis to the first, before and after in turn: for images
 * `[left, right, top, bottom]`; axes without widths get no frame.
 *
 * @throws ShapeError for an odd number of widths, for more than the axes have, and for widths that are negative or no whole numbers.
 */
export function pad(input: Tensor, widths: readonly number[], options?: number | { readonly value?: number }): Tensor {
  const { value } = readOptions("pad", options, padOptions);
  return apply(padParticle, { input }, { widths, value });
}

/** Before and after, for each axis from the first on. */
function edgesOf(input: Shape, widths: readonly number[]): [number, number][] {
  if (widths.length % 2 !== 0 || widths.length > 2 * input.length) {
    throw new ShapeError(
      `pad: ${widths.length} widths for ${input.length} axes (input ${show(input)}); give two an axis, the last axis first: [left, right, top, bottom]`,
    );
  }
  for (const width of widths) {
    if (Number.isInteger(width) && width >= 0) continue;
    throw new ShapeError(
      `pad: width ${width} is not a whole number of at least 0 (input ${show(input)}, widths ${show(widths)}); use slice to cut`,
    );
  }
  return input.map((_, axis) => {
    const at = 2 * (input.length - 1 - axis);
    return [widths[at] ?? 0, widths[at + 1] ?? 0];
  });
}

function padded(input: Shape, widths: readonly number[]): Pick<PadPlan, "shape" | "first"> {
  const edges = edgesOf(input, widths);
  const sizes = input.map((size, axis) => edges[axis]![0] + size + edges[axis]![1]);
  const shape = checkShape("pad", sizes);
  const before = edges.map(([width]) => width);
  return { shape, first: positionOf(before, shape) };
}

function bitsOf(value: number, dtype: DType): number {
  return dtype === "int32" ? value : new Int32Array(Float32Array.of(value).buffer)[0]!;
}
