/** What an optimiser remembers of one parameter. */
import { bytesOf } from "../core/dtype.ts";
import type { Values } from "../core/particle.ts";
import { sameShape, show, sizeOf } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/layout.ts";
import { Storage } from "../engine/storage.ts";

/** Tensors of the parameter's shape, and numbers. */
export type State = Record<string, Tensor | number>;

/** The same as a file has it. */
export type SavedState = Readonly<Record<string, Values | number>>;

/** A tensor of the parameter's shape that holds one number everywhere at first. */
export interface Filled {
  readonly fill: number;
}

export const zeros: Filled = { fill: 0 };

/** All that a state needs, by name: what it starts from. */
export type Needs = Readonly<Record<string, number | Filled>>;

/** What `state` still lacks of its needs, made. Where memory runs out, nothing is left behind. */
export function missingState(parameter: Tensor, state: State | undefined, needs: Needs): State {
  const made: State = {};
  try {
    for (const [name, need] of Object.entries(needs)) {
      const present = state?.[name];
      // A tensor that was disposed says so here, before anything is changed.
      if (present !== undefined) typeof present === "number" || present.storage;
      else made[name] = typeof need === "number" ? need : filled(parameter, name, need.fill);
    }
  } catch (error) {
    disposeState(made);
    throw error;
  }
  return made;
}

/** What keeps a saved state from being that of a parameter: one sentence each. */
export function stateProblems(saved: SavedState, index: number, parameter: Tensor, needs: Needs): string[] {
  const problems: string[] = [];
  const names = Object.keys(saved);
  const shape = show(parameter.shape);
  for (const [name, value] of Object.entries(saved)) {
    const what = `${name} of parameter ${index}`;
    if (typeof value === "number") {
      if (!Number.isFinite(value)) problems.push(`${what} is ${value}`);
    } else if (!sameShape(value.shape, parameter.shape)) {
      problems.push(`${what} is ${show(value.shape)} there but the parameter ${shape}`);
    } else if (value.data.length !== parameter.size) {
      problems.push(`${what} has ${value.data.length} numbers there but ${shape} takes ${parameter.size}`);
    }
  }
  for (const [name, need] of Object.entries(needs)) {
    const value = saved[name];
    if (names.length === 0) break;
    if (value === undefined) problems.push(`${name} of parameter ${index} is missing`);
    else if (typeof value !== typeof need) {
      problems.push(`${name} of parameter ${index} must be a ${typeof need === "number" ? "number" : "tensor"}`);
    }
  }
  return problems;
}

export function copyState(saved: SavedState, parameter: Tensor): State {
  const copy: State = {};
  try {
    for (const [name, value] of Object.entries(saved)) {
      if (typeof value === "number") copy[name] = value;
      else {
        copy[name] = blankLike(parameter, `${parameter.label} ${name}`);
        copy[name].data.set(value.data);
      }
    }
  } catch (error) {
    disposeState(copy);
    throw error;
  }
  return copy;
}

export function disposeState(state: State): void {
  for (const value of Object.values(state)) if (typeof value !== "number") value.dispose();
}

/** A tensor of another's shape and dtype that belongs to no scope; it holds garbage. */
export function blankLike({ shape, dtype }: Tensor, label: string): Tensor {
  return new Tensor(new Storage(sizeOf(shape) * bytesOf[dtype], label, shape), shape, dtype).keep();
}

function filled(parameter: Tensor, name: string, value: number): Tensor {
  const tensor = blankLike(parameter, `${parameter.label} ${name}`);
  const { storage } = tensor;
  if (value === 0) kernels.fillBytes(storage.ptr, 0, storage.bytes);
  else tensor.data.fill(value);
  return tensor;
}
