/** Maximum and minimum are one particle but for the direction. */
import type { Particle } from "../../../core/particle.ts";
import { type Shape, show, sizeOf } from "../../../core/shape.ts";
import { kernels } from "../../../engine/generated/reduction.ts";
import { parallel } from "../../../engine/parallel.ts";
import { ShapeError } from "../../../errors.ts";
import {
  alongAxes,
  extremeInto,
  outputPlaces,
  type Passes,
  type ReductionAttributes,
  type ReductionPlan,
  reducedShape,
  reductionPlan,
  spreadInto,
  sumInto,
} from "./reduction.ts";

/** Elements that one thread handles in about 20 µs. */
const grain = 32768;

export function extremeParticle(
  name: "max" | "min",
): Particle<{ input: 1 }, ReductionAttributes, "input" | "output", object, ExtremePlan> {
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
    plan({ input }, attributes) {
      const plan = reductionPlan(name, input, attributes);
      checkNotEmpty(name, input, plan);
      const isSingle = typeof attributes.axes === "number" || attributes.axes?.length === 1;
      return { ...plan, isSingle, layout: gradientLayout(plan) };
    },
    shape: (_, { output }) => output,
    workspace: (_, { passBytes, layout }) => ({ forward: passBytes, backward: layout?.bytes ?? 0 }),
    forward({ input, output, workspace }, plan) {
      extremeInto(plan, input.ptr, output.ptr, workspace, minimum);
    },
    backward({ input, output, grad, workspace }, into, plan) {
      if (!into.input) return;
      const { isSingle, layout } = plan;
      if (!layout) {
        const { outer, axis, inner } = alongAxes(plan)!;
        const kernel = isSingle ? kernels.firstMatchGrad : kernels.sharedMatchGrad;
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
      spreadInto(plan, output.ptr, spread, rest);
      parallel(kernels.matches, size, grain, input.ptr, spread, marks);
      sumInto(plan, marks, counts, rest);
      spreadInto(plan, counts, spread, rest);
      spreadInto(plan, grad.ptr, dx, rest);
      parallel(kernels.shareGrad, size, grain, marks, spread, dx, dx);
    },
    cost: ({ input }, { output }) => ({ flops: sizeOf(input), bytes: 4 * (sizeOf(input) + sizeOf(output)) }),
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

export interface ExtremePlan extends ReductionPlan {
  /** One axis: its first extreme takes the whole gradient. Several, or all: equal extremes share it. */
  readonly isSingle: boolean;
  readonly layout: GradientLayout | undefined;
}

/** What backward keeps in the workspace where the axes do not lie together. */
interface GradientLayout {
  /** Bytes of a block of the input's size, of one of the output's, and of all. */
  readonly whole: number;
  readonly part: number;
  readonly bytes: number;
}

function gradientLayout(plan: ReductionPlan): GradientLayout | undefined {
  if (alongAxes(plan)) return undefined;
  const whole = Math.ceil(plan.size / 16) * 64;
  const part = Math.ceil(sizeOf(plan.output) / 16) * 64;
  return { whole, part, bytes: 2 * whole + part + Math.max(plan.passBytes, plan.spreadBytes) };
}

/** The extreme of nothing is not defined. */
export function checkNotEmpty(op: string, shape: Shape, { count }: Passes): void {
  if (count > 0) return;
  throw new ShapeError(
    `${op}: there is no ${op} of 0 elements (input ${show(shape)}); leave empty tensors out, or reduce another axis`,
  );
}
