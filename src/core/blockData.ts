import { engine } from "../engine/module.ts";
import { type TypedArray, viewOf } from "./dtype.ts";
import type { Block } from "./particle.ts";

/** The elements of a block, for particles that compute in JavaScript. The view is good until something is allocated. */
export function blockData({ dtype, ptr, size }: Pick<Block, "dtype" | "ptr" | "size">): TypedArray {
  return viewOf(dtype, engine().memory.buffer, ptr, size);
}
