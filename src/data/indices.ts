import { DataError } from "../errors.ts";

/** @throws DataError for the first index that names no sample. */
export function checkIndices(name: string, indices: ArrayLike<number>, length: number): void {
  for (let k = 0; k < indices.length; k++) {
    const index = indices[k]!;
    if (Number.isInteger(index) && index >= 0 && index < length) continue;
    throw new DataError(`${name}: there is no sample ${index}; samples go from 0 to ${length - 1}`);
  }
}
