/** Geometries for max and average pooling, with windows that just fit and last windows that are cut off. */
import fc from "fast-check";
import type { Pair, PoolAttributes } from "../../src/particles/pooling/how/pooling.ts";

const both = (least: number, most: number) =>
  fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }));

export interface PoolSample {
  readonly inputs: { readonly input: readonly number[] };
  readonly attributes: PoolAttributes & { readonly dilation: Pair };
}

/** With `dilated`, taps are up to 3 apart. */
export function poolSamples(dilated: boolean): fc.Arbitrary<PoolSample> {
  const halving = fc
    .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 9 }))
    .chain(([n, c, height]) => fc.integer({ min: 2, max: 21 }).map((width) => [n, c, height, width]))
    .map((input) => ({
      inputs: { input },
      attributes: { kernelSize: 2, stride: 2, padding: 0, dilation: 1, ceilMode: false } as const,
    }));
  const any = fc
    .record({
      outer: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 3 })),
      size: both(1, 13),
      kernelSize: both(1, 5),
      stride: both(1, 4),
      padding: both(0, 2),
      dilation: dilated ? both(1, 3) : fc.constant<[number, number]>([1, 1]),
      ceilMode: fc.boolean(),
    })
    .filter(({ size, kernelSize, padding, dilation }) =>
      [0, 1].every(
        (axis) =>
          2 * padding[axis]! <= kernelSize[axis]! &&
          // Else a window could step over the input from padding to padding and have no element.
          (padding[axis] === 0 || dilation[axis]! <= size[axis]!) &&
          dilation[axis]! * (kernelSize[axis]! - 1) + 1 <= size[axis]! + 2 * padding[axis]!,
      ),
    )
    .map(({ outer, size, ...attributes }) => ({ inputs: { input: [...outer, ...size] }, attributes }));
  const single = any.map(({ inputs: { input }, attributes }) => ({ inputs: { input: input.slice(1) }, attributes }));
  return fc.oneof({ weight: 3, arbitrary: halving }, { weight: 6, arbitrary: any }, { weight: 1, arbitrary: single });
}
