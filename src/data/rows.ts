import { empty } from "../core/creation.ts";
import { bytesOf } from "../core/dtype.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { engine } from "../engine/module.ts";

/** A new tensor of the rows of `input` that `indices` name. */
export function rowsOf(input: Tensor, indices: ArrayLike<number>): Tensor {
  const [, ...rest] = input.shape;
  const result = empty([indices.length, ...rest], { dtype: input.dtype });
  copyRows(input, result, (row) => [indices[row]!, row], indices.length);
  return result;
}

/** Copies `count` rows from one tensor to another of the same row; `places` says from where to where. */
export function copyRows(
  source: Tensor,
  target: Tensor,
  places: (row: number) => readonly [from: number, to: number],
  count: number,
): void {
  const bytes = sizeOf(target.shape.slice(1)) * bytesOf[target.dtype];
  const memory = new Uint8Array(engine().memory.buffer);
  const [read, write] = [source.storage.ptr, target.storage.ptr];
  for (let row = 0; row < count; row++) {
    const [from, to] = places(row);
    memory.copyWithin(write + to * bytes, read + from * bytes, read + (from + 1) * bytes);
  }
}
