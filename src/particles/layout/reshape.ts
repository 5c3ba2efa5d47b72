import { apply } from "../../core/apply.ts";
import type { Particle } from "../../core/particle.ts";
import { samplesOf } from "../../core/rows.ts";
import { checkShape, listOf, type Shape, show, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ShapeError } from "../../errors.ts";
import { shapeOnly } from "./how/shapeOnly.ts";

export interface ReshapeAttributes {
  /** The new sizes; one of them may be −1 and is then worked out. */
  readonly shape: Shape;
}

export const reshapeParticle: Particle<{ input: 1 }, ReshapeAttributes> = {
  ...shapeOnly,
  name: "reshape",
  summary: "Reads the same elements in the same order with other sizes.",
  formula: "y[k] = x[k], k counting the elements row by row",
  example: {
    inputs: {
      input: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    },
    attributes: { shape: [3, 2] },
  },
  shape: ({ input }, { shape }) => resolve(input, shape),
};

/**
 * The same elements in the same order with other sizes; no element moves, both tensors share one block. One size may be −1: it
 * becomes whatever is left. As in PyTorch, rows are read on without a gap, so a wrong row length moves values from one sample
 * into another.
 *
 * @throws ShapeError where the sizes do not hold exactly the input's elements, or −1 stands twice or has no single answer.
 */
export function reshape(input: Tensor, ...shape: number[] | [shape: Shape]): Tensor {
  return apply(reshapeParticle, { input }, { shape: listOf(shape) });
}

function resolve(input: Shape, wanted: Shape): Shape {
  const open = wanted.indexOf(-1);
  if (open !== wanted.lastIndexOf(-1)) {
    throw new ShapeError(
      `reshape: −1 stands ${wanted.filter((size) => size === -1).length} times in ${show(wanted)} (input ${show(input)}); only one size can be worked out`,
    );
  }
  const size = sizeOf(input);
  if (open < 0) {
    checkShape("reshape", wanted);
    if (sizeOf(wanted) !== size) throw doesNotFill(input, wanted);
    return [...wanted];
  }
  const others = wanted.filter((_, axis) => axis !== open);
  checkShape("reshape", others);
  const known = sizeOf(others);
  if (known === 0) {
    throw new ShapeError(
      `reshape: −1 in ${show(wanted)} could be any size, for the others give ${known} elements (input ${show(input)}); name the size`,
    );
  }
  if (size % known !== 0) throw doesNotFill(input, wanted);
  return wanted.map((part) => (part === -1 ? size / known : part));
}

function doesNotFill(input: Shape, wanted: Shape): ShapeError {
  return new ShapeError(`reshape: ${rowsMessage(input, wanted) ?? elementsMessage(input, wanted)}`);
}

/** The message for samples that are to become rows of another length. */
function rowsMessage(input: Shape, wanted: Shape): string | undefined {
  const [samples, ...rest] = input;
  const row = wanted[1]!;
  if (!samples || rest.length === 0 || wanted.length !== 2 || row < 1 || row === sizeOf(rest)) return undefined;
  const total = sizeOf(input);
  const batch =
    total % row === 0 ? `the batch would become ${total / row}` : `${total} values are no whole number of rows`;
  const { shown, meant } = samplesOf(input);
  return `${shown} cannot be rows of ${row}; ${batch}. Did you mean ${meant}?`;
}

function elementsMessage(input: Shape, wanted: Shape): string {
  const known = sizeOf(wanted.filter((size) => size !== -1));
  const needs = wanted.includes(-1) ? `a multiple of ${known}` : `${known}`;
  return `${sizeOf(input)} elements do not fill ${show(wanted)}, which takes ${needs} (input ${show(input)}); check the sizes, or leave one as −1`;
}
