import { apply } from "../../core/apply.ts";
import { bytesOf } from "../../core/dtype.ts";
import type { Of, Particle } from "../../core/particle.ts";
import { checkShape, normalizeAxis, type Shape, show, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/layout.ts";
import { parallel } from "../../engine/parallel.ts";
import { DtypeError, ShapeError } from "../../errors.ts";
import { coordinatesOf, positionOf } from "../how/coordinates.ts";

export interface ConcatAttributes {
  readonly axis: number;
}

/** `input0`, `input1`, …: as many as there are tensors to join. */
type Port = `input${number}`;
type Ports = { [port in Port]: 1 };

/** An input is `outer` runs of `length` neighbours. They begin at `begin` of the output, which has a run of `row` elements for each. */
interface Piece {
  readonly begin: number;
  readonly length: number;
}

interface ConcatPlan {
  readonly shape: Shape;
  readonly outer: number;
  readonly row: number;
  /** In the order of the inputs. */
  readonly pieces: readonly Piece[];
}

export const concatParticle: Particle<Ports, ConcatAttributes, never, object, ConcatPlan> = {
  name: "concat",
  summary: "Joins tensors along an axis that they have.",
  formula: "y[…, offsetₖ + i, …] = inputₖ[…, i, …]",
  example: {
    inputs: {
      input0: [[1, 2]],
      input1: [
        [3, 4],
        [5, 6],
      ],
    },
    attributes: { axis: 0 },
  },
  keeps: [],
  dtypes: "any",
  outputDtype: "input0",
  plan(at, { axis }) {
    const shapes = inputsOf(at).filter((shape) => !isNothing(shape));
    const first = shapes[0] ?? [0];
    const along = normalizeAxis("concat", axis, first.length);
    const odd = shapes.find(
      (shape) => shape.length !== first.length || shape.some((size, other) => other !== along && size !== first[other]),
    );
    if (odd) {
      const all = inputsOf(at).map((shape, index) => `input${index} ${show(shape)}`);
      throw new ShapeError(
        `concat: ${show(first)} and ${show(odd)} differ in more than axis ${along} (${all.join(", ")}); make them equal, or join along another axis`,
      );
    }
    const lengthOf = (shape: Shape) => (isNothing(shape) ? 0 : shape[along]!);
    const shape = checkShape(
      "concat",
      first.map((size, other) => (other === along ? shapes.reduce((sum, part) => sum + lengthOf(part), 0) : size)),
    );
    const inner = sizeOf(first.slice(along + 1));
    const pieces: Piece[] = [];
    let row = 0;
    for (const shape of inputsOf(at)) {
      const length = lengthOf(shape) * inner;
      pieces.push({ begin: row, length });
      row += length;
    }
    return { shape, outer: sizeOf(first.slice(0, along)), row, pieces };
  },
  shape: (_, { shape }) => shape,
  forward(at, plan) {
    const bytes = bytesOf[at.output.dtype];
    for (const [index, { ptr }] of inputsOf(at).entries()) {
      const { begin, length } = plan.pieces[index]!;
      const to = { ptr: at.output.ptr + begin * bytes, step: plan.row };
      copyRuns(bytes, plan.outer, length, { ptr, step: length }, to);
    }
  },
  backward({ grad }, into, plan) {
    for (const [index, { begin, length }] of plan.pieces.entries()) {
      const target = into[portAt(index)];
      const from = { ptr: grad.ptr + begin * 4, step: plan.row };
      if (target) copyRuns(4, plan.outer, length, from, { ptr: target.ptr, step: length });
    }
  },
  cost: (at) => ({ flops: 0, bytes: 8 * inputsOf(at).reduce((sum, shape) => sum + sizeOf(shape), 0) }),
  definition(at, attributes) {
    const inputs = inputsOf(at);
    const shapes = inputs.map((input, index) => [`input${index}`, input.shape]);
    const { shape } = concatParticle.plan!(Object.fromEntries(shapes) as Of<Ports, Shape>, attributes);
    const along = normalizeAxis("concat", attributes.axis, shape.length);
    const result = new Float64Array(sizeOf(shape));
    let begin = 0;
    for (const input of inputs.filter((part) => !isNothing(part.shape))) {
      for (let at = 0; at < input.data.length; at++) {
        const target = coordinatesOf(at, input.shape);
        target[along]! += begin;
        result[positionOf(target, shape)] = input.data[at]!;
      }
      begin += input.shape[along]!;
    }
    return result;
  },
};

/**
 * Joins tensors along an axis that exists: [2, 3] and [4, 3] become [6, 3] along axis 0. They agree in every other axis and in dtype;
 * as in PyTorch, a tensor of shape [0] is skipped. `stack` joins along a new axis.
 *
 * @throws ShapeError where the list is empty or other axes differ; DtypeError where dtypes do.
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  const [first] = tensors;
  if (!first) throw new ShapeError("concat: there are 0 tensors; give at least 1");
  const odd = tensors.find((tensor) => tensor.dtype !== first.dtype);
  if (odd) {
    throw new DtypeError(
      `concat: ${first.dtype} and ${odd.dtype} do not mix (input0 ${show(first.shape)}, input${tensors.indexOf(odd)} ${show(odd.shape)}); convert one with to("${first.dtype}")`,
    );
  }
  const inputs = Object.fromEntries(tensors.map((tensor, index) => [portAt(index), tensor]));
  return apply(concatParticle, inputs as Of<Ports, Tensor>, { axis });
}

/** Names of ports, made once: a list of a thousand tensors asks for each of them several times. */
const ports: Port[] = [];

function portAt(index: number): Port {
  ports[index] ??= `input${index}`;
  return ports[index];
}

/** The entries of `input0`, `input1`, … in that order. */
function inputsOf<T>(at: { readonly [port in Port]: T }): T[] {
  const inputs: T[] = [];
  for (let next = at.input0; next !== undefined; next = at[portAt(inputs.length)]) inputs.push(next);
  return inputs;
}

/** Where runs of neighbours lie: the first, and from one to the next in elements. */
interface Runs {
  readonly ptr: number;
  readonly step: number;
}

/** Elements that one thread moves in about 20 µs. */
const grain = 65536;

function copyRuns(bytes: number, count: number, length: number, from: Runs, to: Runs): void {
  if (length === 0) return;
  const kernel = bytes === 4 ? kernels.copyRows32 : kernels.copyRows8;
  if (length === 1) {
    kernel(from.ptr, to.ptr, 1, 1, count, 0, 0, 0, from.step, 0, 0, 0, to.step, 0, 1);
    return;
  }
  const steps = [1, count, length, 0, 0, from.step, 1, 0, 0, to.step, 1] as const;
  parallel(kernel, count, Math.ceil(grain / length), from.ptr, to.ptr, ...steps);
}

/** What PyTorch's `cat` skips: the customary start of a list that grows. */
function isNothing(shape: Shape): boolean {
  return shape.length === 1 && shape[0] === 0;
}
