/** Batches put together from samples. */
import { empty } from "../core/creation.ts";
import type { DType } from "../core/dtype.ts";
import { described } from "../core/options.ts";
import { sameShape, show } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import { DataError, ShapeError } from "../errors.ts";
import { copyRows } from "./rows.ts";

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

/** What `collate` makes of samples: tensors in place of numbers and tensors, lists in place of texts. */
export type Collated<Sample> = Sample extends number | boolean | Tensor | Numbers
  ? Tensor
  : Sample extends string
    ? string[]
    : Sample extends object
      ? { -readonly [Field in keyof Sample]: Collated<Sample[Field]> }
      : Sample[];

/** The dtype of numbers in the samples, for all of them or by the names of fields. */
export type Dtypes = DType | { readonly [field: string]: DType };

/**
 * One batch of some samples, field by field, as PyTorch's `default_collate`: tensors and arrays of numbers are stacked along a new first
 * axis, numbers become a tensor of one axis, texts a list; objects and lists keep their fields. JavaScript knows no whole numbers, so
 * numbers are float32 unless `dtypes` says `"int32"`, for all or by the field: `{ label: "int32" }`. The samples' own tensors stay as
 * they are.
 *
 * @throws DataError for samples of different kinds; ShapeError for tensors of different shapes (pad them first, or collate by a
 * function of your own).
 */
export function collate<Sample>(samples: readonly Sample[], dtypes: Dtypes = {}): Collated<Sample> {
  return gathered(samples, dtypes, "sample") as Collated<Sample>;
}

function gathered(samples: readonly unknown[], dtypes: Dtypes, name: string): unknown {
  const [first] = samples;
  const every = (is: (sample: unknown) => boolean) => {
    const other = samples.find((sample) => !is(sample));
    if (other !== undefined) {
      throw new DataError(`collate: "${name}" is ${described(first)} in one sample and ${described(other)} in another`);
    }
  };
  const dtype = typeof dtypes === "string" ? dtypes : dtypes[name];
  if (typeof first === "number" || typeof first === "boolean") {
    every((sample) => typeof sample === typeof first);
    return filled(samples.map(Number), dtype ?? "float32", name);
  }
  if (typeof first === "string") {
    every((sample) => typeof sample === "string");
    return [...samples];
  }
  if (first instanceof Tensor) {
    every((sample) => sample instanceof Tensor);
    return stacked(samples as readonly Tensor[], name);
  }
  if (isNumbers(first)) {
    every(isNumbers);
    return joined(samples as readonly Numbers[], dtype, name);
  }
  if (typeof first !== "object" || first === null) return [...samples];
  every((sample) => typeof sample === "object" && sample !== null && Array.isArray(sample) === Array.isArray(first));
  const fields = Object.keys(first).map((field) => {
    const values = samples.map((sample) => (sample as Record<string, unknown>)[field]);
    return [field, gathered(values, dtypes, field)] as const;
  });
  return Array.isArray(first) ? fields.map(([, value]) => value) : Object.fromEntries(fields);
}

function isNumbers(value: unknown): value is Numbers {
  return [Float32Array, Float64Array, Int32Array, Uint8Array].some((kind) => value instanceof kind);
}

function stacked(samples: readonly Tensor[], name: string): Tensor {
  const { shape, dtype } = samples[0]!;
  for (const other of samples) {
    if (sameShape(other.shape, shape) && other.dtype === dtype) continue;
    throw new ShapeError(
      `collate: "${name}" is ${dtype} ${show(shape)} in one sample and ${other.dtype} ${show(other.shape)} in another; pad them, or collate by a function of your own`,
    );
  }
  const result = empty([samples.length, ...shape], { dtype });
  for (const [row, sample] of samples.entries()) copyRows(sample, result, () => [0, row], 1);
  return result;
}

function joined(samples: readonly Numbers[], dtype: DType | undefined, name: string): Tensor {
  const { length } = samples[0]!;
  for (const other of samples) {
    if (other.length === length) continue;
    throw new ShapeError(
      `collate: "${name}" has ${length} numbers in one sample and ${other.length} in another; pad them, or collate by a function of your own`,
    );
  }
  const own = samples[0] instanceof Int32Array ? "int32" : samples[0] instanceof Uint8Array ? "uint8" : "float32";
  const result = empty([samples.length, length], { dtype: dtype ?? own });
  const { data } = result;
  for (const [row, sample] of samples.entries()) data.set(sample, row * length);
  return result;
}

function filled(values: readonly number[], dtype: DType, name: string): Tensor {
  const result = empty([values.length], { dtype });
  const { data } = result;
  for (const [index, value] of values.entries()) {
    data[index] = value;
    if (dtype !== "float32" && data[index] !== value) {
      throw new DataError(`collate: "${name}" is ${value} in sample ${index}, which ${dtype} does not hold`);
    }
  }
  return result;
}
