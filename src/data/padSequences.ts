import { empty } from "../core/creation.ts";
import { type OptionsOf, oneOf, readOptions, whole } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { DataError } from "../errors.ts";
import { padding } from "./tokenizer.ts";

export interface PadOptions {
  /** The length of all; by default that of the longest. Longer ones lose their end. */
  readonly length: number | undefined;
  /** What fills the rest: 0. */
  readonly value: number;
  /** Where the filling stands. */
  readonly side: "right" | "left";
}

export interface Padded {
  /** int32 [B, T]. */
  readonly ids: Tensor;
  /** float32 [B, T]: 1 at what is there, 0 at what was filled in. */
  readonly mask: Tensor;
  /** int32 [B]: how many numbers of each are there. */
  readonly lengths: Tensor;
}

const known: OptionsOf<PadOptions> = {
  length: whole(undefined, 1),
  value: whole(padding, Number.MIN_SAFE_INTEGER),
  side: oneOf("right", "left"),
};

/**
 * Sequences of unequal length as one tensor, with a mask that tells what was filled in.
 *
 * @throws DataError where there are no sequences, or one of them holds anything but whole numbers of int32.
 */
export function padSequences(
  sequences: readonly ArrayLike<number>[],
  options: Partial<PadOptions> | number = {},
): Padded {
  const { length, value, side } = readOptions("padSequences", options, known);
  if (sequences.length === 0) throw new DataError("padSequences: there are no sequences");
  const columns = length ?? sequences.reduce((most, { length }) => Math.max(most, length), 1);
  for (const [row, sequence] of sequences.entries()) {
    const wrong = Array.from(sequence).findIndex((number) => (number | 0) !== number);
    if (wrong >= 0) throw new DataError(`padSequences: number ${wrong} of sequence ${row} is ${sequence[wrong]}`);
  }
  const shape = [sequences.length, columns];
  const [ids, mask, lengths] = [
    empty(shape, { dtype: "int32" }),
    empty(shape),
    empty([sequences.length], { dtype: "int32" }),
  ];
  ids.data.fill(value);
  mask.data.fill(0);
  for (const [row, sequence] of sequences.entries()) {
    const kept = Math.min(sequence.length, columns);
    const from = row * columns + (side === "left" ? columns - kept : 0);
    ids.data.set(Array.from(sequence).slice(0, kept), from);
    mask.data.fill(1, from, from + kept);
    lengths.data[row] = kept;
  }
  return { ids, mask, lengths };
}
