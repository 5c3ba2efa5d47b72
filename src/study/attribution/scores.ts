/** What attribution explains: the score of one class for each input, and its gradient. */
import { backward } from "../../core/backward.ts";
import { empty, zeros } from "../../core/creation.ts";
import { enableGrad, noGrad } from "../../core/recording.ts";
import { scope } from "../../core/scope.ts";
import { type Shape, show } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ShapeError } from "../../errors.ts";
import type { Module } from "../../nn/module.ts";
import { inEvaluation } from "../graph/evaluation.ts";

/** The class whose score is explained: one for all inputs, or one for each. */
export type Target = number | readonly number[];

/** The score of its target for each input, with no gradient. */
export function scoresOf(op: string, model: Module, input: Tensor, target: Target): Float64Array {
  return inEvaluation(model, () =>
    noGrad(() =>
      scope(() => {
        const logits: Tensor = model.forward(input);
        const { data } = logits;
        return Float64Array.from(placesOf(op, logits.shape, target), (place) => data[place]!);
      }, op),
    ),
  );
}

/** The gradient of the scores with respect to `leaf`, which `forward` is given: a copy of its numbers. */
export function gradientOf(
  op: string,
  model: Module,
  leaf: Tensor,
  target: Target,
  forward: (leaf: Tensor) => Tensor = (input) => model.forward(input),
): Float32Array {
  return frozen(model, () =>
    inEvaluation(model, () =>
      enableGrad(() =>
        scope(() => {
          const input = leaf.detach();
          input.requiresGrad = true;
          const logits = forward(input);
          const seed = zeros(logits.shape);
          for (const place of placesOf(op, logits.shape, target)) seed.data[place] = 1;
          if (logits.requiresGrad) backward(logits, seed);
          const size = input.size;
          return input.grad ? (input.grad.data as Float32Array).slice() : new Float32Array(size);
        }, op),
      ),
    ),
  );
}

/** A tensor of these numbers. */
export function tensorOf(shape: Shape, numbers: ArrayLike<number>): Tensor {
  const result = empty(shape);
  result.data.set(numbers);
  return result;
}

/** Runs `body` while no parameter requires a gradient: none is computed for them, and their `.grad` stays as it was. */
function frozen<T>(model: Module, body: () => T): T {
  const learning = [...model.parameters()].filter(({ requiresGrad }) => requiresGrad);
  for (const parameter of learning) parameter.requiresGrad = false;
  try {
    return body();
  } finally {
    for (const parameter of learning) parameter.requiresGrad = true;
  }
}

/** Where the scores stand among the logits. */
function placesOf(op: string, shape: Shape, target: Target): number[] {
  const [count, classes] = shape;
  if (shape.length !== 2 || count === undefined || classes === undefined) {
    throw new ShapeError(`${op}: the model must give one score a class, [N, classes], got ${show(shape)}`);
  }
  const targets = typeof target === "number" ? new Array<number>(count).fill(target) : target;
  if (targets.length !== count) {
    throw new ShapeError(`${op}: ${targets.length} targets for ${count} inputs (scores ${show(shape)}); give one each`);
  }
  return targets.map((index, row) => {
    if (Number.isInteger(index) && index >= 0 && index < classes) return row * classes + index;
    throw new ShapeError(`${op}: target ${index} is not one of ${classes} classes (scores ${show(shape)})`);
  });
}
