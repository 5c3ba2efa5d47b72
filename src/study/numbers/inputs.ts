/** Inputs of a particle as values, one entry a port. */
import { tensor } from "../../core/creation.ts";
import type { DType } from "../../core/dtype.ts";
import type { Values } from "../../core/particle.ts";
import { type Nested, type Shape, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { QuarkError } from "../../errors.ts";
import type { Filled } from "./values.ts";

export type Inputs = Record<string, Filled>;

export function rounded({ shape, data }: Values, dtype: DType): Filled {
  const array = dtype === "float32" ? Float32Array : dtype === "int32" ? Int32Array : Uint8Array;
  return { shape, dtype, data: array.from(data) };
}

/** The numbers of nested arrays, in float64, with their shape. */
export function valuesOf(given: Nested | Values): Values {
  if (typeof given === "object" && "data" in given) return given;
  const shape: number[] = [];
  for (let level: Nested | undefined = given; typeof level === "object"; level = level[0]) shape.push(level.length);
  const flat: number[] = [];
  const walk = (level: Nested): unknown => (typeof level === "number" ? flat.push(level) : level.forEach(walk));
  walk(given);
  if (flat.length !== sizeOf(shape)) throw new QuarkError(`${JSON.stringify(given)} is ragged`);
  return { shape, data: flat };
}

/** Float32 values changed, others as they are. */
export function changed(values: Filled, change: (value: number) => number): Filled {
  return values.dtype === "float32" ? { ...values, data: Float32Array.from(values.data, change) } : values;
}

export function allChanged(inputs: Inputs, change: (value: number) => number): Inputs {
  return Object.fromEntries(Object.entries(inputs).map(([port, values]) => [port, changed(values, change)]));
}

export function shapesOf(inputs: Inputs): Record<string, Shape> {
  return Object.fromEntries(Object.entries(inputs).map(([port, { shape }]) => [port, shape]));
}

/** One sample of a batch, as a batch of one. */
export function rowOf({ shape, dtype, data }: Filled, index: number): Filled {
  const length = data.length / shape[0]!;
  return rounded(
    { shape: [1, ...shape.slice(1)], data: Array.prototype.slice.call(data, index * length, (index + 1) * length) },
    dtype,
  );
}

export function tensorOf({ shape, dtype, data }: Filled, requiresGrad = false): Tensor {
  return tensor(data as Float32Array, { shape, dtype, requiresGrad });
}

export function tensorsOf(inputs: Inputs, wanted: readonly string[] = []): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([port, values]) => [port, tensorOf(values, wanted.includes(port))]),
  );
}
