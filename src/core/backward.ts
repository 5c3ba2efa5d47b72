/** Walks the recorded graph from a result back to its leaves. */

import { kernels } from "../engine/generated/engine.ts";
import { engine } from "../engine/module.ts";
import { parallel } from "../engine/parallel.ts";
import { relieve, Storage } from "../engine/storage.ts";
import { workspaceFor } from "../engine/workspace.ts";
import { GraphError, ShapeError } from "../errors.ts";
import { blockOf } from "./forward.ts";
import { takeApart } from "./lazy.ts";
import { observer } from "./observe.ts";
import { flag, type OptionsOf, readOptions } from "./options.ts";
import type { AnyParticle, Block } from "./particle.ts";
import type { Prepared } from "./plans.ts";
import { type Shape, sameShape, show, sizeOf } from "./shape.ts";
import type { Step } from "./step.ts";
import { Tensor } from "./tensor.ts";

type GradientBlocks = Parameters<NonNullable<AnyParticle["backward"]>>[0];

/** Elements that one thread adds in about 20 µs. */
const addGrain = 65536;

export interface BackwardOptions {
  /** Keeps the graph, so that it can be walked once more. */
  readonly retainGraph?: boolean;
}

const backwardOptions: OptionsOf<Required<BackwardOptions>> = { retainGraph: flag(false) };

/**
 * Computes the gradient of `loss` with respect to every leaf that requires one and adds it to that leaf's `.grad`. `gradient` is
 * the gradient of `loss` itself, 1 for a scalar. Of several losses, each with its gradient, the sum is differentiated. The graph is freed
 * while it is walked, unless `retainGraph` is set; leaves get their gradients at the end, all or none.
 *
 * @throws GraphError where nothing requires a gradient, where a result of several elements comes without `gradient`, where the
 * graph was walked before, and where a block that a step kept was changed in place. ShapeError for a `gradient` of another shape.
 */
export function backward(
  loss: Tensor | readonly Tensor[],
  gradient?: Tensor | readonly (Tensor | undefined)[],
  options?: BackwardOptions,
): void {
  const { retainGraph } = readOptions("backward", options, backwardOptions);
  const losses: readonly Tensor[] = Array.isArray(loss) ? loss : [loss as Tensor];
  const gradients = (Array.isArray(gradient) ? gradient : [gradient]) as readonly (Tensor | undefined)[];
  for (const [index, one] of losses.entries()) checkLoss(one, gradients[index]);
  relieve();
  for (const { step, held } of losses) if (step?.bypasses) takeApart(step, held);
  const steps = reachable(losses.flatMap(({ step }) => step ?? []));
  for (const step of steps) checkStep(step);
  const leaves = new Map<Tensor, Storage>();
  try {
    for (const [index, one] of losses.entries()) {
      pass(one.step, one.outputIndex, one.step ? undefined : one, seedOf(one, gradients[index]), one.shape, leaves);
    }
    for (const step of steps) if (step.grads.some((grad) => grad)) differentiate(step, leaves, retainGraph);
    for (const leaf of leaves.keys()) leaf.grad?.storage; // throws now, if at all
  } catch (error) {
    for (const step of steps) releaseGrads(step);
    for (const grad of leaves.values()) grad.release();
    throw error;
  }
  for (const [leaf, grad] of leaves) accumulate(leaf, grad);
}

function releaseGrads({ grads }: Step): void {
  for (let output = 0; output < grads.length; output++) {
    grads[output]?.release();
    grads[output] = undefined;
  }
}

/** The steps that results depend on, the latest first. Creation order is a topological order. */
function reachable(roots: readonly Step[]): Step[] {
  const found = new Set<Step>(roots);
  const pending = [...found];
  for (let step = pending.pop(); step; step = pending.pop()) {
    for (const edge of step.edges) {
      if (!edge.step || found.has(edge.step)) continue;
      found.add(edge.step);
      pending.push(edge.step);
    }
  }
  return [...found].sort((a, b) => b.id - a.id);
}

function differentiate(step: Step, leaves: Map<Tensor, Storage>, retainGraph: boolean): void {
  const { prepared, edges, kept, grads } = step;
  const { particle, plan } = prepared;
  if (step.retained) for (const [output, tensor] of step.retained.entries()) retain(tensor, grads[output]);
  observer?.backwardStarting?.(particle);
  if (particle.shares) {
    const grad = grads[0]!;
    grads[0] = undefined;
    pass(edges[0]!.step, edges[0]!.output, edges[0]!.leaf, grad, edges[0]!.shape, leaves);
  } else {
    const at = {
      ...settled(kept!),
      ...gradientBlocks(prepared, grads),
      workspace: workspaceFor(prepared.backwardBytes),
    } as unknown as GradientBlocks;
    const into: Record<string, Block> = {};
    try {
      for (const { port, shape } of edges) {
        into[port] = blockOf(new Storage(sizeOf(shape) * 4, `${particle.name} gradient of ${port}`, shape), shape);
      }
      particle.backward!(at as never, into, plan);
      for (const { port, step: source, output, leaf, shape } of edges) {
        pass(source, output, leaf, into[port]!.storage, shape, leaves);
        delete into[port];
      }
    } catch (error) {
      for (const port in into) into[port]!.storage.release();
      throw error;
    }
    releaseGrads(step);
  }
  if (!retainGraph) step.free();
  observer?.backwardDone?.(particle);
}

/** `grad` where there is one output; else `grads`, those that arrived, by name. */
function gradientBlocks(
  { particle, outputs }: Prepared,
  grads: readonly (Storage | undefined)[],
): { readonly grad: Block } | { readonly grads: Record<string, Block> } {
  if (!particle.outputs) return { grad: blockOf(grads[0]!, outputs[0]!.shape) };
  const arrived: Record<string, Block> = {};
  for (const [output, grad] of grads.entries()) {
    const { name, shape } = outputs[output]!;
    if (grad) arrived[name] = blockOf(grad, shape);
  }
  return { grads: arrived };
}

/** The kept blocks, with the numbers of those that are lazy. */
function settled(kept: Record<string, Block>): Record<string, Block> {
  const blocks: Record<string, Block> = {};
  for (const port in kept) {
    const { ptr } = kept[port]!.storage.settled();
    blocks[port] = ptr === kept[port]!.ptr ? kept[port]! : { ...kept[port]!, ptr };
  }
  return blocks;
}

/** Hands a gradient to where it belongs: the first to arrive is moved, later ones are added. */
function pass(
  step: Step | undefined,
  output: number,
  leaf: Tensor | undefined,
  grad: Storage,
  shape: Shape,
  leaves: Map<Tensor, Storage>,
): void {
  const present = step ? step.grads[output] : leaves.get(leaf!);
  if (present) {
    addInto(present, grad, sizeOf(shape));
    grad.release();
  } else if (step) step.grads[output] = grad;
  else leaves.set(leaf!, grad);
}

/** Adds a gradient to a leaf's `.grad`, or makes it that. Takes over the reference. */
function accumulate(leaf: Tensor, grad: Storage): void {
  if (leaf.disposed) grad.release();
  else if (leaf.grad) {
    addInto(leaf.grad.storage, grad, leaf.size);
    grad.release();
  } else {
    grad.label = `${leaf.label}.grad`;
    leaf.grad = new Tensor(grad, leaf.shape, "float32").keep();
  }
}

/** Copies the passing gradient into the `.grad` of the intermediate result that asked for it. */
function retain(tensor: Tensor | undefined, grad: Storage | undefined): void {
  if (!tensor || !grad || tensor.disposed) return;
  const copy = new Storage(tensor.size * 4, `${tensor.label}.grad`, tensor.shape);
  copyBytes(grad, copy, tensor.size * 4);
  accumulate(tensor, copy);
}

function addInto(target: Storage, source: Storage, size: number): void {
  parallel(kernels.addInto, size, addGrain, target.ptr, source.ptr);
  target.version++;
}

function checkLoss(loss: Tensor, gradient: Tensor | undefined): void {
  if (!loss.requiresGrad) {
    throw new GraphError(
      `backward: nothing here requires a gradient (input ${show(loss.shape)}); set requiresGrad on a leaf, and do not compute under noGrad`,
    );
  }
  if (!gradient && loss.size !== 1) {
    throw new GraphError(
      `backward: the loss must be a scalar, got ${show(loss.shape)}; reduce it first, e.g. mean(loss)`,
    );
  }
  if (gradient && !sameShape(gradient.shape, loss.shape)) {
    throw new ShapeError(
      `backward: the gradient must have the shape of the result (gradient ${show(gradient.shape)}, result ${show(loss.shape)})`,
    );
  }
}

function seedOf(loss: Tensor, gradient: Tensor | undefined): Storage {
  const source = gradient?.held.settled();
  const seed = new Storage(loss.size * 4, "gradient of the result", loss.shape);
  if (source) copyBytes(source, seed, loss.size * 4);
  else new Float32Array(engine().memory.buffer, seed.ptr, 1)[0] = 1;
  return seed;
}

function copyBytes(source: Storage, target: Storage, bytes: number): void {
  new Uint8Array(engine().memory.buffer).copyWithin(target.ptr, source.ptr, source.ptr + bytes);
}

/** Refuses, before anything is changed, a step that was freed or whose kept blocks are no longer what they were. */
function checkStep(step: Step): void {
  const { particle } = step;
  if (!step.kept) {
    throw new GraphError(
      "backward: this graph was already walked and its buffers were freed; run the forward pass again, or pass retainGraph to the first backward",
    );
  }
  const changed = step.changed();
  if (changed) {
    throw new GraphError(
      `backward: ${particle.name} kept its ${changed.port} ("${changed.label}") at version ${changed.saved}, but it was changed in place since ` +
        `and is at version ${changed.now}; change it after backward, or compute with a copy`,
    );
  }
}
