/** Shapes to try an op on. */
import fc from "fast-check";
import type { Shape } from "../../src/core/shape.ts";

/** Sizes around the width of a vector and of a tile, and some primes. */
export function anySize(max = 70): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: Math.min(33, max) }) },
    { weight: 1, arbitrary: fc.constantFrom(...[1, 31, 32, 61, 64, 67].filter((size) => size <= max)) },
  );
}

/** Shapes of any rank, a scalar and empty tensors among them, with few elements. */
export function anyShape({ minRank = 0, maxRank = 4, minSize = 0, maxElements = 300 } = {}): fc.Arbitrary<Shape> {
  const many = fc
    .integer({ min: minRank, max: maxRank })
    .chain((rank) => fc.array(fc.integer({ min: 1, max: rank > 2 ? 7 : 12 }), { minLength: rank, maxLength: rank }))
    .filter((shape) => shape.reduce((a, b) => a * b, 1) <= maxElements);
  const line = anySize(Math.min(70, maxElements)).map((size) => [...Array(Math.max(minRank, 1) - 1).fill(1), size]);
  if (minSize > 0) return fc.oneof({ weight: 3, arbitrary: many }, { weight: 2, arbitrary: line });
  const empty = many.chain((shape) =>
    shape.length === 0 ? fc.constant(shape) : fc.nat(shape.length - 1).map((axis) => shape.with(axis, 0)),
  );
  return fc.oneof({ weight: 6, arbitrary: many }, { weight: 4, arbitrary: line }, { weight: 1, arbitrary: empty });
}

/** Every length from 1 to 33: all that a vector leaves over. */
export const lengths: readonly number[] = Array.from({ length: 33 }, (_, index) => index + 1);

/** `count` shapes that broadcast together: sizes of a common shape, some of them 1, leading ones left out. */
export function broadcastable(count: number, options?: Parameters<typeof anyShape>[0]): fc.Arbitrary<readonly Shape[]> {
  return anyShape(options).chain((shape) => {
    const one = fc
      .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }))
      .map(([dropped, shrunk]) => shape.map((size, axis) => (shrunk[axis] ? 1 : size)).slice(dropped));
    const full = fc.constant([...shape]);
    return fc.tuple(...Array.from({ length: count }, () => fc.oneof(full, one)));
  });
}

/** Pairs of shapes that meet in every way: rows against columns, scalars, inner and outer axes, more than four axes that alternate. */
export const broadcasts: readonly (readonly [Shape, Shape])[] = [
  [[3, 5], [5]],
  [
    [3, 5],
    [3, 1],
  ],
  [
    [1, 5],
    [3, 1],
  ],
  [[4], [3, 1]],
  [
    [2, 3, 4, 5],
    [1, 3, 1, 1],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 5],
  ],
  [
    [2, 1, 4, 1],
    [3, 1, 5],
  ],
  [[], [2, 3]],
  [[2, 3], [1]],
  [[1, 1, 1], [4]],
  [
    [2, 1, 3, 1, 2, 1, 3],
    [1, 2, 1, 2, 1, 3, 1],
  ],
  [
    [0, 3],
    [1, 3],
  ],
  [
    [2, 0],
    [2, 1],
  ],
];
