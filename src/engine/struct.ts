/** Structs in memory that kernels read: written by the names of their fields, at the offsets that the compiler gave them. */
import { engine } from "./module.ts";

/** What `scripts/buildKernels.ts` writes for each struct of the kernels. Every field is a word of 32 bits. */
export interface Struct<Field extends string> {
  readonly bytes: number;
  /** In bytes. */
  readonly offsets: Readonly<Record<Field, number>>;
}

export function writeStruct<Field extends string>(
  { offsets }: Struct<Field>,
  at: number,
  values: Readonly<Record<NoInfer<Field>, number>>,
): void {
  const words = new Int32Array(engine().memory.buffer);
  for (const field in offsets) words[(at + offsets[field]) / 4] = values[field];
}
