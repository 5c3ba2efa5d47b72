import type { Shape } from "../../core/shape.ts";

/** The place of the element number `at` in a row-major tensor: `coordinatesOf(5, [2, 3])` is `[1, 2]`. */
export function coordinatesOf(at: number, shape: Shape): number[] {
  const coordinates = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    coordinates[axis] = at % shape[axis]!;
    at = Math.floor(at / shape[axis]!);
  }
  return coordinates;
}

/** The number of the element at `coordinates`: the inverse of `coordinatesOf`. */
export function positionOf(coordinates: readonly number[], shape: Shape): number {
  let at = 0;
  for (let axis = 0; axis < shape.length; axis++) at = at * shape[axis]! + coordinates[axis]!;
  return at;
}
