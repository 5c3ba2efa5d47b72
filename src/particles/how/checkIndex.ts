import type { Block } from "../../core/particle.ts";
import { show } from "../../core/shape.ts";
import { engine } from "../../engine/module.ts";
import { ShapeError } from "../../errors.ts";

/** Refuses an index that names a place outside of an axis of `size`. Negative places are refused too, as in PyTorch's gather. */
export function checkIndex(op: string, index: Block, axis: number, size: number): void {
  const places = new Int32Array(engine().memory.buffer, index.ptr, index.size);
  for (let at = 0; at < places.length; at++) {
    const place = places[at]!;
    if (place >= 0 && place < size) continue;
    throw new ShapeError(
      `${op}: place ${place} at element ${at} of the index is outside of axis ${axis} with ${size} places (index ${show(index.shape)}); places go from 0 to ${size - 1}`,
    );
  }
}
