/**
 * safetensors: the file of named tensors that Python reads as well. Eight bytes say how long the header is, the header is JSON,
 * and behind it lie the tensors' bytes, little-endian, without a gap:
 *
 *     n (u64) │ {"name": {"dtype": "F32", "shape": […], "data_offsets": [begin, end]}, …}, padded to n │ data
 *
 * Reading trusts nothing: every offset and size is checked before anything is made of it, and what is not exactly right is
 * refused.
 */
import { bytesOf, type DType, type TypedArray } from "../core/dtype.ts";
import { maxRank, maxSize, type Shape, show, sizeOf } from "../core/shape.ts";
import { DataError } from "../errors.ts";
import { parseHeader, type TensorInfo } from "./safetensorsHeader.ts";

/** A tensor's numbers outside of linear memory. A `Tensor` is one, too, and can be written as it is. */
export interface NamedArray {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

export interface Safetensors {
  readonly tensors: Map<string, NamedArray>;
  /** Texts by name, for whatever the writer wanted to be known. */
  readonly metadata: Map<string, string>;
}

export interface ReadOptions {
  /** The longest header that is accepted; 16 MB by default. */
  readonly maxHeaderBytes?: number;
}

const codes: { readonly [D in DType]: string } = { float32: "F32", int32: "I32", uint8: "U8" };
const dtypes = new Map(Object.entries(codes).map(([dtype, code]) => [code, dtype as DType]));
const foreignDtypes = ["F64", "F16", "BF16", "F8_E4M3", "F8_E5M2", "I64", "U64", "I16", "U16", "U32", "I8", "BOOL"];
const maxDimension = 2 ** 31 - 1;

/** The bytes of a file with these tensors, in their order but for uint8, which comes last so that all others lie aligned. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, NamedArray>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const entries = [...tensors].sort(([, a], [, b]) => bytesOf[b.dtype] - bytesOf[a.dtype]);
  const fields: string[] = [];
  if (metadata.size > 0) {
    const texts = [...metadata].map(([key, text]) => `${quoted(key)}:${quoted(text)}`);
    fields.push(`"__metadata__":{${texts.join(",")}}`);
  }
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    if (name === "__metadata__") throw new DataError(`safetensors: no tensor can be named "__metadata__"; rename it`);
    if (data.length !== sizeOf(shape)) {
      throw new DataError(`safetensors: ${quoted(name)} has ${data.length} numbers for shape ${show(shape)}`);
    }
    const begin = end;
    end += data.byteLength;
    fields.push(
      `${quoted(name)}:{"dtype":"${codes[dtype]}","shape":[${shape.join(",")}],"data_offsets":[${begin},${end}]}`,
    );
  }
  const header = new TextEncoder().encode(`{${fields.join(",")}}`);
  const length = Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end);
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(header, 8);
  let at = 8 + length;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    if (data instanceof Float32Array) unifyNaN(data, new Uint32Array(bytes.buffer, at, data.length));
    at += data.byteLength;
  }
  return bytes;
}

/** Machines differ in the bits of NaN; files do not. */
function unifyNaN(values: Float32Array, words: Uint32Array): void {
  for (let index = 0; index < values.length; index++) if (Number.isNaN(values[index])) words[index] = 0x7fc00000;
}

function quoted(text: string): string {
  if (/\p{Surrogate}/u.test(text)) {
    throw new DataError(`safetensors: ${JSON.stringify(text)} is no valid text; it has half of a surrogate pair`);
  }
  return JSON.stringify(text);
}

/** The tensors and texts of a file, as copies. Throws a DataError for a file that is not exactly right. */
export function readSafetensors(
  file: ArrayBuffer | Uint8Array,
  { maxHeaderBytes = 16_000_000 }: ReadOptions = {},
): Safetensors {
  // Also where it is a Buffer, whose slices are no copies.
  const bytes =
    file instanceof Uint8Array ? new Uint8Array(file.buffer, file.byteOffset, file.length) : new Uint8Array(file);
  const length = headerLength(bytes, maxHeaderBytes);
  const { tensors: infos, metadata } = parseHeader(decode(bytes.subarray(8, 8 + length)));
  const data = bytes.subarray(8 + length);
  checkOffsets(infos, data.length);
  const tensors = new Map<string, NamedArray>();
  for (const [name, info] of infos) {
    const dtype = checkedDtype(name, info, data.length);
    const { buffer } = data.slice(info.begin, info.end);
    tensors.set(name, { dtype, shape: info.shape, data: arrayOf(dtype, buffer) });
  }
  return { tensors, metadata };
}

function headerLength(bytes: Uint8Array, most: number): number {
  if (bytes.length < 8) {
    throw new DataError(`safetensors: the file has ${bytes.length} bytes; at least 8 are needed`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (length > most) {
    throw new DataError(
      `safetensors: the header is said to have ${length} bytes, more than ${most}; is this a safetensors file? If so, raise maxHeaderBytes`,
    );
  }
  if (8 + length > bytes.length) {
    throw new DataError(
      `safetensors: the header is said to have ${length} bytes, but only ${bytes.length - 8} follow; the file is cut off`,
    );
  }
  if (bytes[8] !== 0x7b || length === 0) throw new DataError("safetensors: the header does not begin with {");
  return length;
}

function decode(header: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw new DataError("safetensors: the header is not valid UTF-8");
  }
}

/** In the order of their offsets, tensors cover the data from its first byte to its last, one after the other. */
function checkOffsets(infos: ReadonlyMap<string, TensorInfo>, length: number): void {
  const sorted = [...infos].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const [name, { begin, end }] of sorted) {
    if (end < begin) throw new DataError(`safetensors: ${quoted(name)} ends at byte ${end}, before its begin ${begin}`);
    if (begin !== covered) {
      const fault =
        begin < covered ? "overlaps the tensor before it, which ends" : "leaves a hole, since data is used up";
      throw new DataError(`safetensors: ${quoted(name)} begins at byte ${begin} and ${fault} at ${covered}`);
    }
    if (end > length) {
      throw new DataError(
        `safetensors: ${quoted(name)} ends at byte ${end}, but there are only ${length}; the file is cut off`,
      );
    }
    covered = end;
  }
  if (covered !== length) {
    throw new DataError(`safetensors: tensors end at byte ${covered}, but there are ${length} bytes of data`);
  }
}

function checkedDtype(name: string, { dtype: code, shape, begin, end }: TensorInfo, length: number): DType {
  const dtype = dtypes.get(code);
  if (dtype === undefined) {
    const known = foreignDtypes.includes(code);
    throw new DataError(
      known
        ? `safetensors: ${quoted(name)} has dtype ${code}, which is not supported; convert it to F32, I32 or U8`
        : `safetensors: ${quoted(name)} has an unknown dtype ${quoted(code)}`,
    );
  }
  if (shape.length > maxRank) {
    throw new DataError(`safetensors: ${quoted(name)} has ${shape.length} dimensions, more than ${maxRank}`);
  }
  const large = shape.find((size) => size > maxDimension);
  if (large !== undefined) {
    throw new DataError(`safetensors: ${quoted(name)} has a dimension of ${large}, more than ${maxDimension}`);
  }
  // Beyond the length of the data the product need not be exact: it is wrong anyway.
  let size = shape.includes(0) ? 0 : 1;
  for (const dimension of shape) if (size <= length) size *= dimension;
  if (size * bytesOf[dtype] !== end - begin || size > maxSize) {
    throw new DataError(
      `safetensors: ${quoted(name)} has ${end - begin} bytes, which are not ${code} of shape ${show(shape)}`,
    );
  }
  return dtype;
}

function arrayOf(dtype: DType, buffer: ArrayBuffer): TypedArray {
  if (dtype === "float32") return new Float32Array(buffer);
  return dtype === "int32" ? new Int32Array(buffer) : new Uint8Array(buffer);
}
