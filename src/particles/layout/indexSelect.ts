import { apply } from "../../core/apply.ts";
import { bytesOf } from "../../core/dtype.ts";
import type { Particle } from "../../core/particle.ts";
import { checkShape, normalizeAxis, type Shape, show, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/layout.ts";
import { parallel } from "../../engine/parallel.ts";
import { ShapeError } from "../../errors.ts";
import { checkIndex } from "../how/checkIndex.ts";
import { coordinatesOf, positionOf } from "../how/coordinates.ts";

export interface IndexSelectAttributes {
  readonly axis: number;
}

interface IndexSelectPlan {
  readonly along: number;
  readonly shape: Shape;
  /** Rows of `inner` elements, `size` of them for each of `outer`. */
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

export const indexSelectParticle: Particle<
  { input: 1; index: 1 },
  IndexSelectAttributes,
  "index",
  object,
  IndexSelectPlan
> = {
  name: "indexSelect",
  summary: "Takes whole rows in the order of an index.",
  formula: "y[k, …] = x[index[k], …]   (axis 0)",
  example: {
    inputs: {
      input: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      index: [2, 0, 2],
    },
    attributes: { axis: 0 },
  },
  keeps: ["index"],
  dtypes: { input: "any", index: "int32" },
  outputDtype: "input",
  plan({ input, index }, { axis }) {
    if (index.length !== 1) {
      throw new ShapeError(
        `indexSelect: index must have 1 axis, got ${index.length} (input ${show(input)}, index ${show(index)}); flatten it, or use gather`,
      );
    }
    if (input.length === 0) {
      throw new ShapeError(`indexSelect: a scalar has no axis to select from (input [], index ${show(index)})`);
    }
    const along = normalizeAxis("indexSelect", axis, input.length);
    const sizes = input.map((size, other) => (other === along ? index[0]! : size));
    const [outer, inner] = [sizeOf(input.slice(0, along)), sizeOf(input.slice(along + 1))];
    return { along, shape: checkShape("indexSelect", sizes), outer, size: input[along]!, inner };
  },
  shape: (_, { shape }) => shape,
  check({ input, index }, { along }) {
    checkIndex("indexSelect", index, along, input.shape[along]!);
  },
  forward({ input, index, output }, { outer, size, inner }) {
    const bytes = inner * bytesOf[input.dtype];
    if (bytes === 0) return;
    const grain = Math.ceil(262144 / bytes);
    parallel(kernels.indexSelect, outer * index.size, grain, input.ptr, index.ptr, output.ptr, size, index.size, bytes);
  },
  backward({ index, grad }, { input }, { outer, size, inner }) {
    if (!input) return;
    const grain = Math.ceil(1024 / (size + index.size));
    const bands = outer * Math.ceil(inner / 64);
    parallel(kernels.indexSelectGradInput, bands, grain, grad.ptr, index.ptr, input.ptr, size, index.size, inner);
  },
  cost: (_, { shape }) => ({ flops: 0, bytes: 8 * sizeOf(shape) }),
  definition({ input, index }, { axis }) {
    const along = normalizeAxis("indexSelect", axis, input.shape.length);
    const shape = input.shape.map((size, other) => (other === along ? index.data.length : size));
    return Float64Array.from({ length: sizeOf(shape) }, (_, at) => {
      const source = coordinatesOf(at, shape);
      source[along] = index.data[source[along]!]!;
      return input.data[positionOf(source, input.shape)]!;
    });
  },
};

/**
 * The rows of `input` that `index` (int32, one axis) names, in its order: with `axis` 0 and a table of vectors, an embedding. A
 * row may be named several times; its gradient is then the sum, added in the order of the index.
 *
 * @throws ShapeError where the index has not one axis, or names a place outside of the input; DtypeError where it is not int32.
 */
export function indexSelect(input: Tensor, axis: number, index: Tensor): Tensor {
  return apply(indexSelectParticle, { input, index }, { axis });
}
