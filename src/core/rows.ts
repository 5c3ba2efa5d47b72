/** What messages say of samples that were read as rows of another length: the commonest slip in front of a linear layer. */
import { ShapeError } from "../errors.ts";
import { type Shape, sizeOf } from "./shape.ts";
import type { Step } from "./step.ts";
import type { Tensor } from "./tensor.ts";

/** Of images [64, 64, 7, 7]: `64 samples × 3136 values`, and how long a row was probably meant to be, `64*7*7 = 3136`. */
export function samplesOf([samples = 1, ...rest]: Shape): { readonly shown: string; readonly meant: string } {
  const values = sizeOf(rest);
  return {
    shown: `${samples} samples × ${values} values`,
    meant: rest.length > 1 ? `${rest.join("*")} = ${values}` : `${values}`,
  };
}

/**
 * The error of a shape rule; where a reshape before it changed the number of rows, with a word on that. A reshape to
 * `[-1, 64 * 4 * 4]` is legal, and the first to complain is the loss, far from the cause.
 */
export function withOrigin(error: unknown, inputs: Iterable<Tensor>): unknown {
  if (!(error instanceof ShapeError)) return error;
  const steps = new Set<Step>();
  for (const { step } of inputs) if (step) steps.add(step);
  for (const step of steps) {
    const hint = hintOf(step);
    if (hint) return new ShapeError(`${error.message}; ${hint}`);
    for (const edge of step.edges) if (edge.step) steps.add(edge.step);
  }
  return error;
}

function hintOf({ prepared: { particle, shapes, outputs } }: Step): string | undefined {
  const input = particle.shares && shapes[particle.shares as string];
  const outputShape = outputs[0]!.shape;
  if (!input || input.length < 2 || outputShape.length !== 2 || input[0] === outputShape[0]) return undefined;
  const { shown, meant } = samplesOf(input);
  return `before that, ${particle.name} made ${outputShape[0]} rows of ${outputShape[1]} from ${shown}. Did you mean ${meant}?`;
}
