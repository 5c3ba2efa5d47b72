/** Maximum and minimum are one particle but for the direction. */
import type { Particle } from "../../../core/particle.ts";
import { type Shape, show, sizeOf } from "../../../core/shape.ts";
import { kernels } from "../../../engine/module.ts";
import { parallel } from "../../../engine/parallel.ts";
import { ShapeError } from "../../../errors.ts";
import {
  type Axes,
  alongAxes,
  extremeInto,
  outputPlaces,
  type ReductionAttributes,
  reducedCount,
  reducedShape,
  reductionBytes,
  spreadBytes,
  spreadInto,
  sumInto,
} from "./reduction.ts";

/** Elements that one thread handles in about 20 µs. */
const grain = 32768;

export function extremeParticle(name: "max" | "min"): Particle<{ input: 1 }, ReductionAttributes, "input" | "output"> {
  const minimum = name === "min";
  return {
    name,
    summary: `The ${minimum ? "smallest" : "largest"} element of a tensor along one, several or all axes.`,
    formula: `y = ${name} x over the axes`,
    example: {
      inputs: {
        input: [
          [1, 5, 3],
          [6, 4, 2],
        ],
      },
      attributes: { axes: 1, keepDim: false },
    },
    keeps: ["input", "output"],
    shape({ input }, attributes) {
      const shape = reducedShape(name, input, attributes);
      checkNotEmpty(name, input, attributes.axes);
      return shape;
    },
    workspace({ input }, attributes) {
      const forward = reductionBytes(input, attributes.axes);
      return Math.max(forward, gradientLayout(name, input, attributes)?.bytes ?? 0);
    },
    forward({ input, output, workspace }, { axes }) {
      extremeInto(input.shape, axes, input.ptr, output.ptr, workspace, minimum);
    },
    backward({ input, output, grad, workspace }, into, attributes) {
      if (!into.input) return;
      const { axes } = attributes;
      const layout = gradientLayout(name, input.shape, attributes);
      if (!layout) {
        const { outer, axis, inner } = alongAxes(input.shape, axes)!;
        const kernel = isSingle(axes) ? kernels.firstMatchGrad : kernels.sharedMatchGrad;
        const pieces = Math.ceil(grain / Math.max(axis * inner, 1));
        parallel(kernel, outer, pieces, input.ptr, output.ptr, grad.ptr, into.input.ptr, axis, inner);
        return;
      }
      const { size } = input;
      const spread = workspace;
      const marks = spread + layout.whole;
      const counts = marks + layout.whole;
      const rest = counts + layout.part;
      const dx = into.input.ptr;
      spreadInto(input.shape, axes, output.ptr, spread, rest);
      parallel(kernels.matches, size, grain, input.ptr, spread, marks);
      sumInto(input.shape, axes, marks, counts, rest);
      spreadInto(input.shape, axes, counts, spread, rest);
      spreadInto(input.shape, axes, grad.ptr, dx, rest);
      parallel(kernels.shareGrad, size, grain, marks, spread, dx, dx);
    },
    cost: ({ input }, attributes) => ({
      flops: sizeOf(input),
      bytes: 4 * (sizeOf(input) + sizeOf(reducedShape(name, input, attributes))),
    }),
    definition({ input }, attributes) {
      const worst = minimum ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      const extremes = new Array<number>(sizeOf(reducedShape(name, input.shape, attributes))).fill(worst);
      const choose = minimum ? Math.min : Math.max;
      outputPlaces(input.shape, attributes.axes).forEach((place, i) => {
        extremes[place] = choose(extremes[place]!, input.data[i]!);
      });
      return extremes;
    },
  };
}

/** One axis: its first extreme takes the whole gradient. Several, or all: equal extremes share it. */
const isSingle = (axes: Axes) => typeof axes === "number" || axes?.length === 1;

/** What backward keeps in the workspace where the axes do not lie together; nothing where one kernel does it. */
function gradientLayout(op: string, shape: Shape, attributes: ReductionAttributes) {
  const { axes } = attributes;
  if (alongAxes(shape, axes)) return undefined;
  const whole = Math.ceil(sizeOf(shape) / 16) * 64;
  const part = Math.ceil(sizeOf(reducedShape(op, shape, attributes)) / 16) * 64;
  const bytes = 2 * whole + part + Math.max(reductionBytes(shape, axes), spreadBytes(shape, axes));
  return { whole, part, bytes };
}

/** The extreme of nothing is not defined. */
export function checkNotEmpty(op: string, shape: Shape, axes: Axes): void {
  if (reducedCount(shape, axes) > 0) return;
  throw new ShapeError(
    `${op}: there is no ${op} of 0 elements (input ${show(shape)}); leave empty tensors out, or reduce another axis`,
  );
}
