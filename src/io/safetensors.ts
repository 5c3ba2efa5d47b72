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
import { type Shape, show, sizeOf } from "../core/shape.ts";
import { DataError } from "../errors.ts";
import { type Header, parseHeader, type TensorInfo } from "./safetensorsHeader.ts";
import { sizeOfStored } from "./sizes.ts";
import { type ConversionOptions, readNumbers, type StoredKind, storedKinds } from "./storedNumbers.ts";

/** A tensor's numbers outside of linear memory. A `Tensor` is one, too, and can be written as it is. */
export interface NamedArray {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** Arrays by name, as a Map or as a record such as `model.stateDict()`. */
export type NamedArrays = ReadonlyMap<string, NamedArray> | Readonly<Record<string, NamedArray>>;

export function entriesOf(arrays: NamedArrays): [string, NamedArray][] {
  return arrays instanceof Map ? [...arrays] : Object.entries(arrays as Readonly<Record<string, NamedArray>>);
}

export interface Safetensors {
  readonly tensors: Map<string, NamedArray>;
  /** Texts by name, for whatever the writer wanted to be known. */
  readonly metadata: Map<string, string>;
}

export interface SafetensorsOptions extends ConversionOptions {
  /** The longest header that is accepted; 16 MB by default. */
  readonly maxHeaderBytes?: number;
}

const format = "safetensors";
const codes: { readonly [D in DType]: string } = { float32: "F32", int32: "I32", uint8: "U8" };
const kinds = new Map<string, StoredKind>([
  ["F64", "float64"],
  ["F32", "float32"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["I64", "int64"],
  ["I32", "int32"],
  ["I16", "int16"],
  ["I8", "int8"],
  ["U64", "uint64"],
  ["U32", "uint32"],
  ["U16", "uint16"],
  ["U8", "uint8"],
  ["BOOL", "bool"],
]);
/** Known to others, but with no exact counterpart here. */
const foreign = ["F8_E4M3", "F8_E5M2", "F8_E8M0", "F6_E2M3", "F6_E3M2", "F4", "C64"];
const defaultHeaderBytes = 16_000_000;

/** The bytes of a file with these tensors, in their order but for uint8, which comes last so that all others lie aligned. */
export function writeSafetensors(
  tensors: NamedArrays,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const entries = entriesOf(tensors).sort(([, a], [, b]) => bytesOf[b.dtype] - bytesOf[a.dtype]);
  const fields: string[] = [];
  if (metadata.size > 0) {
    const texts = [...metadata].map(([key, text]) => `${quoted(key)}:${quoted(text)}`);
    fields.push(`"__metadata__":{${texts.join(",")}}`);
  }
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    if (name === "__metadata__") throw refusal(`no tensor can be named "__metadata__"; rename it`);
    if (data.length !== sizeOf(shape)) {
      throw refusal(`${quoted(name)} has ${data.length} numbers for shape ${show(shape)}`);
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
    throw refusal(`${JSON.stringify(text)} is no valid text; it has half of a surrogate pair`);
  }
  return JSON.stringify(text);
}

/**
 * The tensors and texts of a file, as copies. F32, I32, U8 and BOOL are read as they are; F16, BF16 and F64 as float32, all other whole
 * numbers as int32.
 *
 * @throws DataError for a file that is not exactly right, and for a number that would not survive unless `allow` says that it may be lost.
 */
export function readSafetensors(file: ArrayBuffer | Uint8Array, options: SafetensorsOptions = {}): Safetensors {
  // Also where it is a Buffer, whose slices are no copies.
  const bytes =
    file instanceof Uint8Array ? new Uint8Array(file.buffer, file.byteOffset, file.length) : new Uint8Array(file);
  const start = 8 + headerLength(bytes, bytes.length, options);
  const { tensors: infos, metadata } = checkedHeader(bytes.subarray(8, start), bytes.length);
  const tensors = new Map<string, NamedArray>();
  for (const [name, info] of infos) {
    tensors.set(name, arrayOf(name, info, bytes.subarray(start + info.begin, start + info.end), start, options));
  }
  return { tensors, metadata };
}

/** What the header is said to take, where the file's first bytes are `head` and its size is `size`. */
export function headerLength(
  head: Uint8Array,
  size: number,
  { maxHeaderBytes: most = defaultHeaderBytes }: SafetensorsOptions,
): number {
  if (size < 8) fail(`the file has ${size} bytes; at least 8 are needed`, 0);
  const view = new DataView(head.buffer, head.byteOffset, 8);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (length > most) {
    fail(
      `the header is said to have ${length} bytes, more than ${most}; is this a safetensors file? If so, raise maxHeaderBytes`,
      0,
    );
  }
  if (8 + length > size) {
    fail(`the header is said to have ${length} bytes, but only ${size - 8} follow; the file is cut off`, 0);
  }
  if (length === 0) fail("the header does not begin with {", 8);
  return length;
}

/** What the bytes of a header say, where all of it holds for a file of `size` bytes. */
export function checkedHeader(bytes: Uint8Array, size: number): Header {
  if (bytes[0] !== 0x7b) fail("the header does not begin with {", 8);
  const header = parseHeader(decode(bytes));
  const start = 8 + bytes.length;
  checkOffsets(header.tensors, start, size - start);
  for (const [name, info] of header.tensors) checkTensor(name, info, start);
  return header;
}

/** The array whose bytes these are; data begin at byte `start` of the file. */
export function arrayOf(
  name: string,
  { dtype: code, shape, begin }: TensorInfo,
  bytes: Uint8Array,
  start: number,
  options: ConversionOptions,
): NamedArray {
  const origin = { what: `safetensors: ${quoted(name)}`, format, offset: start + begin };
  return { shape, ...readNumbers(kinds.get(code)!, bytes, origin, options) };
}

function refusal(problem: string): DataError {
  return new DataError(`safetensors: ${problem}`, { format });
}

function fail(problem: string, offset: number): never {
  throw new DataError(`safetensors: ${problem}`, { format, offset });
}

function decode(header: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    return fail("the header is not valid UTF-8", 8);
  }
}

/** In the order of their offsets, tensors cover the data from its first byte to its last, one after the other. */
function checkOffsets(infos: ReadonlyMap<string, TensorInfo>, start: number, length: number): void {
  const sorted = [...infos].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const [name, { begin, end }] of sorted) {
    if (end < begin) fail(`${quoted(name)} ends at byte ${end}, before its begin ${begin}`, start + begin);
    if (begin !== covered) {
      const fault =
        begin < covered ? "overlaps the tensor before it, which ends" : "leaves a hole, since data is used up";
      fail(`${quoted(name)} begins at byte ${begin} and ${fault} at ${covered}`, start + begin);
    }
    if (end > length) {
      fail(`${quoted(name)} ends at byte ${end}, but there are only ${length}; the file is cut off`, start + length);
    }
    covered = end;
  }
  if (covered !== length) {
    fail(`tensors end at byte ${covered}, but there are ${length} bytes of data`, start + covered);
  }
}

function checkTensor(name: string, { dtype: code, shape, begin, end }: TensorInfo, start: number): void {
  const kind = kinds.get(code);
  const size = sizeOfStored(shape);
  if (kind === undefined) {
    const known = foreign.includes(code);
    const problem = known ? `dtype ${code}, which is not read; convert it to F32` : `an unknown dtype ${quoted(code)}`;
    fail(`${quoted(name)} has ${problem}`, start + begin);
  } else if (typeof size === "string") fail(`${quoted(name)} ${size}`, start + begin);
  else if (size * storedKinds[kind].bytes !== end - begin) {
    fail(`${quoted(name)} has ${end - begin} bytes, which are not ${code} of shape ${show(shape)}`, start + begin);
  }
}
