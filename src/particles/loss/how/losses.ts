/** What the losses share: how the losses of samples become one, and labels of classes. */
import { type Option, type OptionsOf, oneOf, option } from "../../../core/options.ts";
import type { Block, Values, Workspace } from "../../../core/particle.ts";
import { isRecording } from "../../../core/recording.ts";
import { type Shape, sameShape, show, sizeOf } from "../../../core/shape.ts";
import { Tensor } from "../../../core/tensor.ts";
import { kernels } from "../../../engine/generated/loss.ts";
import { engine } from "../../../engine/module.ts";
import { GraphError, QuarkError, ShapeError } from "../../../errors.ts";
import { type Passes, passesOver, sumInto } from "../../reduction/how/reduction.ts";

/** Whether the losses of all samples become their mean or their sum, or stay as they are. */
export type Reduction = "mean" | "sum" | "none";

export interface LossAttributes {
  readonly reduction: Reduction;
}

export interface LossOptions {
  readonly reduction?: Reduction;
}

/** The option that every loss has. */
export const reductionOption: Option<Reduction> = oneOf("mean", "sum", "none");

/** A tensor, or nothing. */
export const tensorOption: Option<Tensor | undefined> = option<Tensor | undefined>(
  undefined,
  "a tensor",
  (value) => value instanceof Tensor,
);

export const lossOptions: OptionsOf<LossAttributes> = { reduction: reductionOption };

export function checkReduction(op: string, reduction: Reduction): void {
  if (reduction === "mean" || reduction === "sum" || reduction === "none") return;
  throw new QuarkError(`${op}: reduction must be "mean", "sum" or "none", got "${reduction}"`);
}

/** Refuses a tensor that requires a gradient where the op has none to give. */
export function refuseGradient(op: string, port: string, tensor: Tensor | undefined): void {
  if (!tensor?.requiresGrad || !isRecording()) return;
  throw new GraphError(`${op}: there is no gradient for ${port}, but it requires one; pass ${port}.detach()`);
}

/** The losses of single elements or samples, of `shape`, reduced in float64: for definitions. */
export function reduceValues(losses: readonly number[], reduction: Reduction, divisor = losses.length): number[] {
  if (reduction === "none") return [...losses];
  const total = losses.reduce((sum, loss) => sum + loss, 0);
  return [reduction === "mean" ? total / divisor : total];
}

interface Compared {
  readonly input: Shape;
  readonly target: Shape;
}

/** Two tensors that are compared element by element. Broadcasting here is nearly always a mistake, so shapes have to agree. */
function comparedShape(op: string, { input, target }: Compared, reduction: Reduction): Shape {
  checkReduction(op, reduction);
  if (!sameShape(input, target)) {
    throw new ShapeError(
      `${op}: input and target differ in shape (input ${show(input)}, target ${show(target)}); reshape one to the other`,
    );
  }
  return reduction === "none" ? input : [];
}

/** By what the gradient of a reduced loss is divided for each of `size` elements. */
export function meanDivisor(size: number, reduction: Reduction): number {
  return reduction === "mean" ? size : 1;
}

/** What losses of single elements have worked out. */
export interface LossPlan {
  readonly reduction: Reduction;
  readonly output: Shape;
  /** How the losses are summed. */
  readonly all: Passes;
}

export function lossPlan(op: string, at: Compared, reduction: Reduction): LossPlan {
  return { reduction, output: comparedShape(op, at, reduction), all: passesOver(at.input, undefined) };
}

/** Bytes for the losses of single elements, and for reducing them. */
export function lossWorkspace({ all, reduction }: LossPlan): Workspace {
  return { forward: reduction === "none" ? 0 : bytesFor(all.size) + all.passBytes };
}

const bytesFor = (elements: number) => Math.ceil(elements / 16) * 64;

/** Lets `fill` write the losses of single elements to an address, and reduces them into `output`. */
export function reduceLosses(
  { all, reduction }: LossPlan,
  output: number,
  workspace: number,
  fill: (losses: number) => void,
): void {
  if (reduction === "none") {
    fill(output);
    return;
  }
  fill(workspace);
  sumInto(all, workspace, output, workspace + bytesFor(all.size), reduction === "mean" ? all.size : 1);
}

/** A classification: `input` [N, C, d₁ …] holds a number for each class, `target` [N, d₁ …] the label of each sample. */
export interface Classification {
  readonly target: Shape;
  readonly images: number;
  readonly classes: number;
  /** d₁·d₂·… */
  readonly inner: number;
  readonly samples: number;
  /** How the losses of the samples are summed. */
  readonly all: Passes;
}

interface ClassificationShapes {
  readonly input: Shape;
  readonly target: Shape;
  readonly weight?: Shape;
}

export function classification(op: string, { input, target, weight }: ClassificationShapes): Classification {
  if (input.length < 2 || input[1] === 0) {
    throw new ShapeError(
      `${op}: input must have samples and at least 1 class (N, C, …), got ${show(input)}; reshape it, or add an axis with unsqueeze`,
    );
  }
  const expected = [input[0]!, ...input.slice(2)];
  if (!sameShape(target, expected)) {
    throw new ShapeError(
      `${op}: target must hold one label for each of the ${sizeOf(expected)} samples, ${show(expected)}, got ${show(target)} (input ${show(input)}, target ${show(target)})`,
    );
  }
  const classes = input[1]!;
  if (weight && !sameShape(weight, [classes])) {
    throw new ShapeError(
      `${op}: weight must have one number for each of the ${classes} classes, got ${show(weight)} (input ${show(input)}, weight ${show(weight)})`,
    );
  }
  const all = passesOver(target, undefined);
  return { target, images: input[0]!, classes, inner: sizeOf(input.slice(2)), samples: all.size, all };
}

/** Refuses a label that is no class, before anything is computed. */
export function checkLabels(op: string, target: Block, classes: number, ignoreIndex: number | undefined): void {
  const ignore = ignoreIndex === undefined ? 0 : 1;
  const place = kernels.unsoundLabel(target.ptr, target.size, classes, ignore, ignoreIndex ?? 0);
  if (place < 0) return;
  const label = new Int32Array(engine().memory.buffer, target.ptr, target.size)[place]!;
  const ignored =
    ignoreIndex === undefined ? "pass ignoreIndex to leave samples out" : `only ${ignoreIndex} is ignored`;
  throw new ShapeError(
    `${op}: label ${label} at element ${place} of the target is none of the ${classes} classes (target ${show(target.shape)}); labels go from 0 to ${classes - 1}, ${ignored}`,
  );
}

/** Bytes for the losses and weights of the samples, and for summing them. */
export function labelledWorkspace({ all }: Classification): Workspace {
  return { forward: 2 * bytesFor(all.size) + all.passBytes };
}

/**
 * Lets `fill` write each sample's loss and, unless that address is 0, its weight; reduces the losses into `output`. A mean divides by
 * the sum of the weights, which goes to `total`.
 */
export function reduceLabelled(
  all: Passes,
  reduction: Reduction,
  output: number,
  total: number,
  workspace: number,
  fill: (losses: number, weights: number) => void,
): void {
  if (reduction === "none") {
    fill(output, 0);
    return;
  }
  const weights = workspace + bytesFor(all.size);
  const rest = weights + bytesFor(all.size);
  fill(workspace, reduction === "mean" ? weights : 0);
  sumInto(all, workspace, output, rest);
  if (reduction === "sum") return;
  sumInto(all, weights, total, rest);
  kernels.quotient(output, total);
}

/** The samples of a classification, for definitions: `at(c)` is the place of class c in the input. */
export function* samplesOf(
  { images, classes, inner }: Classification,
  target: Values,
): Generator<{ readonly label: number; readonly at: (label: number) => number }> {
  for (let image = 0; image < images; image++) {
    for (let j = 0; j < inner; j++) {
      const at = (label: number) => (image * classes + label) * inner + j;
      yield { label: target.data[image * inner + j]!, at };
    }
  }
}
