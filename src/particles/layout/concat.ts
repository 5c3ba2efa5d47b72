import { apply } from "../../core/apply.ts";
import { bytesOf } from "../../core/dtype.ts";
import type { Of, Particle } from "../../core/particle.ts";
import { checkShape, normalizeAxis, type Shape, show, sizeOf, stridesOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { DtypeError, ShapeError } from "../../errors.ts";
import { coordinatesOf, positionOf } from "../how/coordinates.ts";
import { stridedCopy } from "./how/stridedCopy.ts";

export interface ConcatAttributes {
  readonly axis: number;
}

/** `input0`, `input1`, …: as many as there are tensors to join. */
type Port = `input${number}`;
type Ports = { [port in Port]: 1 };

interface ConcatPlan {
  readonly shape: Shape;
  /** Of the output. */
  readonly strides: readonly number[];
  /** Where each input begins in the output, in elements. */
  readonly begins: Readonly<Record<Port, number>>;
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
    const begins: Record<Port, number> = {};
    let length = 0;
    for (const [index, shape] of inputsOf(at).entries()) {
      begins[`input${index}`] = length;
      if (!isNothing(shape)) length += shape[along]!;
    }
    const shape = checkShape(
      "concat",
      first.map((size, other) => (other === along ? length : size)),
    );
    const strides = stridesOf(shape);
    for (const port in begins) begins[port as Port]! *= strides[along]!;
    return { shape, strides, begins };
  },
  shape: (_, { shape }) => shape,
  forward(at, { strides, begins }) {
    const { output } = at;
    for (const [index, input] of inputsOf(at).entries()) {
      if (isNothing(input.shape)) continue;
      const to = { ptr: output.ptr + begins[`input${index}`]! * bytesOf[output.dtype], strides };
      stridedCopy(output.dtype, input.shape, { ptr: input.ptr, strides: stridesOf(input.shape) }, to);
    }
  },
  backward({ grad }, into, { strides, begins }) {
    for (const port in into) {
      const { ptr, shape } = into[port as Port]!;
      if (isNothing(shape)) continue;
      const from = { ptr: grad.ptr + begins[port as Port]! * 4, strides };
      stridedCopy("float32", shape, from, { ptr, strides: stridesOf(shape) });
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
  const inputs = Object.fromEntries(tensors.map((tensor, index) => [`input${index}`, tensor]));
  return apply(concatParticle, inputs as Of<Ports, Tensor>, { axis });
}

/** The entries of `input0`, `input1`, … in that order. */
function inputsOf<T>(at: { readonly [port in Port]: T }): T[] {
  const inputs: T[] = [];
  for (let next = at.input0; next !== undefined; next = at[`input${inputs.length}`]!) inputs.push(next);
  return inputs;
}

/** What PyTorch's `cat` skips: the customary start of a list that grows. */
function isNothing(shape: Shape): boolean {
  return shape.length === 1 && shape[0] === 0;
}
