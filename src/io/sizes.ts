import { maxRank, maxSize, type Shape, show } from "../core/shape.ts";

const maxDimension = 2 ** 31 - 1;

/**
 * The number of elements of a shape that a file gives, or what is wrong with it. Where the product is inexact it is far beyond what
 * may be taken, so that no overflow can make a large shape look small.
 */
export function sizeOfStored(shape: Shape): number | string {
  if (shape.length > maxRank) return `has ${shape.length} dimensions, more than ${maxRank}`;
  const wrong = shape.find((size) => !(Number.isInteger(size) && size >= 0));
  if (wrong !== undefined) return `has a dimension of ${wrong}`;
  const large = shape.find((size) => size > maxDimension);
  if (large !== undefined) return `has a dimension of ${large}, more than ${maxDimension}`;
  const size = shape.includes(0) ? 0 : shape.reduce((product, dimension) => product * dimension, 1);
  return size > maxSize ? `has ${size} elements, more than ${maxSize} (shape ${show(shape)})` : size;
}
