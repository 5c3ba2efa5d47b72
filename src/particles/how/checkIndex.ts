import type { Block } from "../../core/particle.ts";
import { show } from "../../core/shape.ts";
import { kernels } from "../../engine/generated/layout.ts";
import { engine } from "../../engine/module.ts";
import { ShapeError } from "../../errors.ts";

/** Refuses an index that names a place outside of an axis of `size`. Negative places are refused too, as in PyTorch's gather. */
export function checkIndex(op: string, index: Block, axis: number, size: number): void {
  const at = kernels.firstOutside(index.ptr, index.size, size);
  if (at === index.size) return;
  const [place] = new Int32Array(engine().memory.buffer, index.ptr + 4 * at, 1);
  throw new ShapeError(
    `${op}: place ${place} at element ${at} of the index is outside of axis ${axis} with ${size} places (index ${show(index.shape)}); places go from 0 to ${size - 1}`,
  );
}
