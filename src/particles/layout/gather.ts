import { apply } from "../../core/apply.ts";
import { bytesOf } from "../../core/dtype.ts";
import type { Particle } from "../../core/particle.ts";
import { normalizeAxis, type Shape, show, sizeOf, stridesOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/layout.ts";
import { ShapeError } from "../../errors.ts";
import { checkIndex } from "../how/checkIndex.ts";
import { coordinatesOf, positionOf } from "../how/coordinates.ts";
import { clear } from "./how/stridedCopy.ts";

export interface GatherAttributes {
  readonly axis: number;
}

export const gatherParticle: Particle<{ input: 1; index: 1 }, GatherAttributes, "index", object, GatherPlan> = {
  name: "gather",
  summary: "Takes one element for each place of an index.",
  formula: "y[i, j, …] = x[index[i, j, …], j, …]   (axis 0)",
  example: {
    inputs: {
      input: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      index: [[2], [0]],
    },
    attributes: { axis: 1 },
  },
  keeps: ["index"],
  dtypes: { input: "any", index: "int32" },
  outputDtype: "input",
  plan({ input, index }, { axis }) {
    if (input.length !== index.length) {
      throw new ShapeError(
        `gather: input has ${input.length} axes but index ${index.length} (input ${show(input)}, index ${show(index)}); unsqueeze the index`,
      );
    }
    const along = normalizeAxis("gather", axis, input.length);
    const wide = index.findIndex((size, other) => other !== along && size > input[other]!);
    if (wide >= 0) {
      throw new ShapeError(
        `gather: index has ${index[wide]} places along axis ${wide} but input only ${input[wide]} (input ${show(input)}, index ${show(index)}); only axis ${along} may be longer`,
      );
    }
    return { along, boxes: boxesOf(input, index, along) };
  },
  shape: ({ index }) => index,
  check({ input, index }, { along }) {
    checkIndex("gather", index, along, input.shape[along] ?? 1);
  },
  forward({ input, index, output }, { boxes }) {
    const shift = bytesOf[input.dtype] === 4 ? 2 : 0;
    const bytes = bytesOf[input.dtype];
    for (const { x, at, sizes, strides, step } of boxes) {
      const [n0, n1, n2, n3] = sizes;
      const heads = [input.ptr + x * bytes, index.ptr + at * 4, output.ptr + at * bytes] as const;
      kernels.gather(...heads, n1, n2, n3, ...strides, step, shift, 0, n0 * n1 * n2);
    }
  },
  backward({ index, grad }, { input }, { boxes }) {
    if (!input) return;
    clear(input);
    for (const { x, at, sizes, strides, step } of boxes) {
      const [n0, n1, n2, n3] = sizes;
      const heads = [grad.ptr + at * 4, index.ptr + at * 4, input.ptr + x * 4] as const;
      kernels.gatherGradInput(...heads, n1, n2, n3, ...strides, step, 0, n0 * n1 * n2);
    }
  },
  cost: ({ index }) => ({ flops: 0, bytes: 12 * sizeOf(index) }),
  definition({ input, index }, { axis }) {
    const along = normalizeAxis("gather", axis, input.shape.length);
    return Float64Array.from({ length: index.data.length }, (_, at) => {
      const source = coordinatesOf(at, index.shape);
      if (source.length > 0) source[along] = index.data[at]!;
      return input.data[positionOf(source, input.shape)]!;
    });
  },
};

/**
 * One element for each place of `index` (int32): along `axis` the index says where, in all other axes the places agree.
 * `gather(logits, 1, labels.reshape([-1, 1]))` is each row's logit at its label. The gradient of an element taken several times is
 * the sum, added in the order of the index.
 *
 * @throws ShapeError where ranks differ, where the index is wider than the input in another axis, or names a place outside of it;
 * DtypeError where the index is not int32.
 */
export function gather(input: Tensor, axis: number, index: Tensor): Tensor {
  return apply(gatherParticle, { input, index }, { axis });
}

/** A box of four axes of the index. */
interface Box {
  /** Where it begins in the input and in the index, in elements. */
  readonly x: number;
  readonly at: number;
  readonly sizes: readonly [number, number, number, number];
  /** Strides in the input; 0 along the gathered axis, where the index moves instead. */
  readonly strides: readonly [number, number, number, number];
  /** The stride along the gathered axis. */
  readonly step: number;
}

interface GatherPlan {
  readonly along: number;
  readonly boxes: readonly Box[];
}

function boxesOf(input: Shape, index: Shape, along: number): Box[] {
  if (sizeOf(index) === 0) return [];
  const steps = stridesOf(input);
  const ownStrides = steps.map((stride, other) => (other === along ? 0 : stride));
  const outer = Math.max(0, index.length - 4);
  const front = Array<number>(Math.max(0, 4 - index.length)).fill(1);
  const sizes = [...front, ...index.slice(outer)] as unknown as Box["sizes"];
  const strides = [...front.map(() => 0), ...ownStrides.slice(outer)] as unknown as Box["strides"];
  const boxSize = sizeOf(sizes);
  return Array.from({ length: sizeOf(index) / boxSize }, (_, box) => {
    const places = coordinatesOf(box, index.slice(0, outer));
    const x = places.reduce((sum, place, other) => sum + place * ownStrides[other]!, 0);
    return { x, at: box * boxSize, sizes, strides, step: steps[along] ?? 1 };
  });
}
