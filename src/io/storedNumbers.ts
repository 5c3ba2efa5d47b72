/** The kinds of numbers that files hold, and what becomes of each when it is read. */
import type { DType, TypedArray } from "../core/dtype.ts";
import { DataError } from "../errors.ts";

export type StoredKind =
  | "float64"
  | "float32"
  | "float16"
  | "bfloat16"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint64"
  | "uint32"
  | "uint16"
  | "uint8"
  | "bool";

/** What may be lost: `"rounding"` takes the nearest float32 number, `"range"` the nearest end of the range (float32: ±Infinity). */
export type Loss = "rounding" | "range";

export interface ConversionOptions {
  /** What may be lost where a file's numbers are not all numbers of the dtype that they are read as. Nothing by default. */
  readonly allow?: readonly Loss[];
}

/** Where the numbers come from: what messages begin with, such as `npy:`, and what DataError says. */
export interface Origin {
  readonly what: string;
  readonly format: string;
  /** The byte of the file at which the numbers begin. */
  readonly offset: number;
}

interface Kind {
  readonly bytes: number;
  /** float32 for numbers with fractions, int32 for whole ones, uint8 for bytes and truth values. */
  readonly dtype: DType;
  /** The number at a byte; a text where it has to be refused without regard to what may be lost. */
  readonly read: (view: DataView, at: number, little: boolean) => number | bigint | string;
}

export const storedKinds: { readonly [K in StoredKind]: Kind } = {
  float64: { bytes: 8, dtype: "float32", read: (view, at, little) => view.getFloat64(at, little) },
  float32: { bytes: 4, dtype: "float32", read: (view, at, little) => view.getFloat32(at, little) },
  float16: { bytes: 2, dtype: "float32", read: (view, at, little) => halfOf(view.getUint16(at, little)) },
  bfloat16: { bytes: 2, dtype: "float32", read: (view, at, little) => brainOf(view.getUint16(at, little)) },
  int64: { bytes: 8, dtype: "int32", read: (view, at, little) => view.getBigInt64(at, little) },
  int32: { bytes: 4, dtype: "int32", read: (view, at, little) => view.getInt32(at, little) },
  int16: { bytes: 2, dtype: "int32", read: (view, at, little) => view.getInt16(at, little) },
  int8: { bytes: 1, dtype: "int32", read: (view, at) => view.getInt8(at) },
  uint64: { bytes: 8, dtype: "int32", read: (view, at, little) => view.getBigUint64(at, little) },
  uint32: { bytes: 4, dtype: "int32", read: (view, at, little) => view.getUint32(at, little) },
  uint16: { bytes: 2, dtype: "int32", read: (view, at, little) => view.getUint16(at, little) },
  uint8: { bytes: 1, dtype: "uint8", read: (view, at) => view.getUint8(at) },
  bool: { bytes: 1, dtype: "uint8", read: (view, at) => truthOf(view.getUint8(at)) },
};

export interface StoredNumbers {
  readonly dtype: DType;
  readonly data: TypedArray;
}

/**
 * The numbers of a file as a copy, in the dtype that holds them.
 *
 * @throws DataError for the first number that the dtype does not hold, unless `allow` says that this may be lost.
 */
export function readNumbers(
  kind: StoredKind,
  bytes: Uint8Array,
  origin: Origin,
  { allow = [] }: ConversionOptions = {},
  little = true,
): StoredNumbers {
  const { bytes: width, dtype, read } = storedKinds[kind];
  if (little && (kind === "float32" || kind === "int32" || kind === "uint8")) {
    return { dtype, data: typedOver(dtype, bytes.slice().buffer) };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = bytes.length / width;
  const data = typedOver(dtype, new ArrayBuffer(dtype === "uint8" ? count : 4 * count));
  for (let index = 0; index < count; index++) {
    const value = read(view, index * width, little);
    // Assigned to float32 a number is rounded to the nearest, as asked.
    const held = typeof value === "bigint" ? Number(value) : (value as number);
    data[index] = held;
    if (data[index] === held || Number.isNaN(held)) continue;
    const lost = lossOf(value, dtype);
    if (typeof value === "string" || !allow.includes(lost)) {
      throw refusal(value, lost, { ...origin, offset: origin.offset + index * width }, kind, dtype, index);
    }
    if (dtype === "int32") data[index] = held < 0 ? -(2 ** 31) : 2 ** 31 - 1;
  }
  return { dtype, data };
}

function lossOf(value: number | bigint | string, dtype: DType): Loss {
  return dtype === "float32" && Number.isFinite(Math.fround(value as number)) ? "rounding" : "range";
}

function refusal(
  value: number | bigint | string,
  lost: Loss,
  { what, format, offset }: Origin,
  kind: StoredKind,
  dtype: DType,
  index: number,
): DataError {
  if (typeof value === "string") return new DataError(`${what} ${value} at index ${index}`, { format, offset });
  const outcome = lost === "rounding" ? "the nearest number" : "the nearest end of the range";
  return new DataError(
    `${what} holds the ${kind} ${value} at index ${index}, which ${dtype} does not hold; allow: ["${lost}"] takes ${outcome}`,
    { format, offset },
  );
}

export function typedOver(dtype: DType, buffer: ArrayBuffer): TypedArray {
  if (dtype === "float32") return new Float32Array(buffer);
  return dtype === "int32" ? new Int32Array(buffer) : new Uint8Array(buffer);
}

function truthOf(byte: number): number | string {
  return byte > 1 ? `has a byte of ${byte} for a truth value, which is 0 or 1,` : byte;
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function brainOf(bits: number): number {
  scratch.setUint32(0, bits * 0x10000);
  return scratch.getFloat32(0);
}

/** IEEE half precision: a sign, 5 bits of exponent with bias 15, 10 bits of fraction; float32 has 8 with bias 127, and 23. */
function halfOf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return (bits & 0x8000 ? -1 : 1) * fraction * 2 ** -24;
  const widened = exponent === 31 ? 255 : exponent + 112;
  scratch.setUint32(0, (bits >> 15) * 2 ** 31 + widened * 2 ** 23 + fraction * 2 ** 13);
  return scratch.getFloat32(0);
}
