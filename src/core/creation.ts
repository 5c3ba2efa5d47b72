/** Makes tensors from numbers. Random ones are in random.ts. */
import { engine } from "../engine/module.ts";
import { Storage } from "../engine/storage.ts";
import { DtypeError, OptionError, ShapeError } from "../errors.ts";
import { bytesOf, type DType, type TypedArray } from "./dtype.ts";
import { flag, type Option, type OptionsOf, option, readOptions } from "./options.ts";
import { checkShape, type Nested, type Shape, show, sizeOf } from "./shape.ts";
import { Tensor } from "./tensor.ts";

export interface CreationOptions {
  /** float32 by default; for typed arrays, their own. */
  readonly dtype?: DType;
  /** Whether `backward` computes its gradient. False by default. */
  readonly requiresGrad?: boolean;
}

export interface TensorOptions extends CreationOptions {
  /** For flat data; by default one axis. */
  readonly shape?: Shape;
}

/** A tensor whose elements are garbage until `data` is written. */
export function empty(...args: ShapeArguments): Tensor {
  const [shape, options] = shapeArguments("empty", args);
  return allocate("empty", shape, options);
}

/** A shape in brackets or its sizes one by one, as PyTorch takes both, and options last: `zeros([2, 3])`, `zeros(2, 3)`. */
export type ShapeArguments<Options = CreationOptions> =
  | [shape: Shape, options?: Options | undefined]
  | [...sizes: number[]]
  | [...sizes: number[], options: Options | undefined];

/** What was meant by a shape in brackets or not, and the options, which are not read yet. */
export function shapeArguments<Options>(op: string, args: ShapeArguments<Options>): [Shape, Options | undefined] {
  const inBrackets = typeof args[0] !== "number" && args.length > 0;
  const end = args.findIndex((argument, place) => (inBrackets ? place > 0 : typeof argument !== "number"));
  const sizes = inBrackets ? (args[0] as Shape) : (args.slice(0, end < 0 ? args.length : end) as number[]);
  const rest = end < 0 ? [] : args.slice(end);
  if (rest.length > 1 || typeof rest[0] === "number") {
    throw new OptionError(
      `${op}: ${args.length} arguments; give a shape such as [2, 3] or its sizes one by one, and options last`,
    );
  }
  return [sizes, rest[0] as Options | undefined];
}

/** The option that every function which makes tensors has; that it is a known dtype is checked where memory is taken. */
export const dtypeOption: Option<DType> = option<DType>("float32", "a dtype", (value) => typeof value === "string");

const creationOptions: OptionsOf<Required<CreationOptions>> = { dtype: dtypeOption, requiresGrad: flag(false) };

/** The same for a function that errors shall name. */
function allocate(op: string, shape: Shape, options?: CreationOptions): Tensor {
  const { dtype, requiresGrad } = readOptions(op, options, creationOptions);
  checkShape(op, shape);
  if (!Object.hasOwn(bytesOf, dtype)) {
    throw new DtypeError(`${op}: dtype "${dtype}" is not known; use "float32", "int32" or "uint8"`);
  }
  if (requiresGrad && dtype !== "float32") {
    throw new DtypeError(`${op}: only float32 tensors have gradients, got ${dtype}; leave out requiresGrad`);
  }
  const result = new Tensor(new Storage(sizeOf(shape) * bytesOf[dtype], "tensor", [...shape]), [...shape], dtype);
  if (requiresGrad) result.requiresGrad = true;
  return result;
}

function filled(op: string, shape: Shape, value: number, options?: CreationOptions): Tensor {
  const result = allocate(op, shape, options);
  result.elements.fill(value);
  return result;
}

const tensorOptions: OptionsOf<{
  dtype: DType | undefined;
  requiresGrad: boolean;
  shape: Shape | undefined;
}> = {
  dtype: { ...dtypeOption, fallback: undefined },
  requiresGrad: flag(false),
  shape: option<Shape | undefined>(undefined, "an array of sizes", Array.isArray),
};

/**
 * A tensor with the given numbers: a number, arrays nested as deep as it has dimensions, or a typed array with `shape`. The
 * numbers are copied.
 *
 * @throws ShapeError where nested arrays have different lengths or the data do not fill `shape`.
 */
export function tensor(data: Nested | TypedArray | Float64Array, options?: TensorOptions): Tensor {
  const given = readOptions("tensor", options, tensorOptions);
  const flat: number[] | TypedArray | Float64Array = ArrayBuffer.isView(data) ? data : [];
  const natural = ArrayBuffer.isView(data) ? [data.length] : shapeOf(data);
  if (Array.isArray(flat)) flatten(data as Nested, natural, 0, flat);
  const shape = given.shape ?? natural;
  if (sizeOf(shape) !== flat.length) {
    throw new ShapeError(
      `tensor: ${flat.length} numbers do not fill shape ${show(shape)}, which takes ${sizeOf(shape)}`,
    );
  }
  const { dtype = dtypeOf(flat), requiresGrad } = given;
  // A view of linear memory would be detached if the new tensor made it grow.
  const numbers = ArrayBuffer.isView(flat) && flat.buffer === engine().memory.buffer ? flat.slice() : flat;
  const result = allocate("tensor", shape, { dtype, requiresGrad });
  result.elements.set(numbers);
  return result;
}

/** A tensor of zeros. */
export function zeros(...args: ShapeArguments): Tensor {
  const [shape, options] = shapeArguments("zeros", args);
  return filled("zeros", shape, 0, options);
}

/** A tensor of ones. */
export function ones(...args: ShapeArguments): Tensor {
  const [shape, options] = shapeArguments("ones", args);
  return filled("ones", shape, 1, options);
}

/** A tensor with `value` everywhere. */
export function full(shape: Shape, value: number, options?: CreationOptions): Tensor {
  return filled("full", shape, value, options);
}

/** A tensor of zeros with the shape and dtype of `input`. */
export function zerosLike(input: Tensor): Tensor {
  return filled("zerosLike", input.shape, 0, { dtype: input.dtype });
}

/** A tensor of ones with the shape and dtype of `input`. */
export function onesLike(input: Tensor): Tensor {
  return filled("onesLike", input.shape, 1, { dtype: input.dtype });
}

/**
 * `start, start + step, …` up to but not including `end`: ⌈(end − start) / step⌉ numbers. With one argument it counts from 0.
 *
 * @throws ShapeError where `step` is 0 or leads away from `end`.
 */
export function arange(start: number, end?: number, step = 1, options?: CreationOptions): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  const length = Math.ceil((to - from) / step);
  if (!(step !== 0 && length >= 0 && Number.isFinite(length))) {
    throw new ShapeError(`arange: step ${step} does not lead from ${from} to ${to}; change its sign`);
  }
  const result = allocate("arange", [length], options);
  const { elements: data } = result;
  for (let index = 0; index < length; index++) data[index] = from + index * step;
  return result;
}

/**
 * `steps` numbers in equal distances from `start` to `end`, both included; as in PyTorch the second half is counted back from
 * `end`, in float32.
 */
export function linspace(start: number, end: number, steps: number, options?: CreationOptions): Tensor {
  const result = allocate("linspace", [steps], options);
  const { elements: data } = result;
  const step = Math.fround((Math.fround(end) - Math.fround(start)) / (steps - 1));
  for (let index = 0; index < steps; index++) {
    const ahead = index < steps / 2;
    const offset = Math.fround(step * (ahead ? index : steps - 1 - index));
    data[index] = steps === 1 || ahead ? start + (steps === 1 ? 0 : offset) : end - offset;
  }
  return result;
}

/** Ones on the diagonal, zeros elsewhere; square where `columns` is not given. */
export function eye(rows: number, columns = rows, options?: CreationOptions): Tensor {
  const result = filled("eye", [rows, columns], 0, options);
  const { elements: data } = result;
  for (let index = 0; index < Math.min(rows, columns); index++) data[index * columns + index] = 1;
  return result;
}

function dtypeOf(data: number[] | TypedArray | Float64Array): DType {
  if (data instanceof Int32Array) return "int32";
  return data instanceof Uint8Array ? "uint8" : "float32";
}

function shapeOf(data: Nested | TypedArray | Float64Array): number[] {
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

function flatten(data: Nested, shape: Shape, axis: number, into: number[]): void {
  if (typeof data === "number") {
    if (axis !== shape.length) throw ragged(shape, axis, "a number");
    into.push(data);
    return;
  }
  if (!Array.isArray(data))
    throw new DtypeError(`tensor: data must be numbers in nested arrays or a typed array, got ${typeof data}`);
  if (axis >= shape.length || data.length !== shape[axis]) throw ragged(shape, axis, `${data.length} entries`);
  for (const item of data) flatten(item, shape, axis + 1, into);
}

function ragged(shape: Shape, axis: number, found: string): ShapeError {
  const wanted = axis < shape.length ? `${shape[axis]} entries` : "a number";
  return new ShapeError(
    `tensor: nested arrays differ in length, ${wanted} and ${found} at depth ${axis}; every array at a depth must be as long as the first (shape ${show(shape)})`,
  );
}
