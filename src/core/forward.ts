/** Runs a particle's forward once: takes memory, computes, and leaves nothing behind where that fails. */
import { Storage } from "../engine/storage.ts";
import { workspaceFor } from "../engine/workspace.ts";
import type { DType } from "./dtype.ts";
import type { Block } from "./particle.ts";
import type { Made, Prepared } from "./plans.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** What a kernel gets to know of a storage seen in a shape. */
export function blockOf(storage: Storage, shape: Shape, dtype: DType = "float32"): Block {
  return { ptr: storage.ptr, dtype, shape, size: sizeOf(shape), storage };
}

export interface Computed {
  /** Inputs, outputs and auxiliary blocks. */
  readonly at: Readonly<Record<string, Block>>;
  /** Those that were made, each with one owner: the outputs first. */
  readonly fresh: readonly Storage[];
}

/** The outputs of a particle on these inputs, in blocks of their own. */
export function forwardOnce(
  { particle, plan, outputs, auxiliary, forwardBytes }: Prepared,
  inputs: Record<string, Block>,
): Computed {
  const at: Record<string, Block> & { workspace: number } = Object.assign(inputs as Record<string, never>, {
    workspace: workspaceFor(forwardBytes),
  });
  const fresh: Storage[] = [];
  try {
    for (const one of outputs) {
      at[one.name] = freshBlock(one, particle.outputs ? `${particle.name} ${one.name}` : particle.name, fresh);
    }
    for (const one of auxiliary) at[one.name] = freshBlock(one, `${particle.name} ${one.name}`, fresh);
    particle.forward(at as never, plan);
  } catch (error) {
    for (const storage of fresh) storage.release();
    throw error;
  }
  return { at, fresh };
}

/** The blocks that backward will read. */
export function keptOf({ particle }: Prepared, at: Readonly<Record<string, Block>>): Record<string, Block> {
  const kept: Record<string, Block> = {};
  for (const name of particle.keeps as readonly string[]) if (at[name]) kept[name] = at[name];
  return kept;
}

function freshBlock({ shape, dtype, bytes }: Made, label: string, fresh: Storage[]): Block {
  const storage = new Storage(bytes, label, shape);
  fresh.push(storage);
  return blockOf(storage, shape, dtype);
}
