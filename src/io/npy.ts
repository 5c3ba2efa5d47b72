/**
 * npy, the file of one numpy array: a magic word, a version, the length of a header, and the header, which is a Python dictionary of
 * three entries; behind it the elements.
 *
 *     \x93NUMPY  1 0  n (u16) │ {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, padded to n │ data
 *
 * The dictionary is read by a scanner that knows these three entries. Nothing is evaluated: arrays of Python objects, which hold
 * pickles, are refused.
 */
import { bytesOf, type DType, type TypedArray } from "../core/dtype.ts";
import { type Shape, show, sizeOf } from "../core/shape.ts";
import { DataError } from "../errors.ts";
import type { NamedArray } from "./safetensors.ts";
import { sizeOfStored } from "./sizes.ts";
import { type ConversionOptions, readNumbers, type StoredKind, storedKinds } from "./storedNumbers.ts";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const maxHeaderBytes = 10_000;
const format = "npy";

/** By numpy's letter and width. */
const kinds: Readonly<Record<string, StoredKind>> = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  i4: "int32",
  i2: "int16",
  i1: "int8",
  u8: "uint64",
  u4: "uint32",
  u2: "uint16",
  u1: "uint8",
  b1: "bool",
};
const descriptions: { readonly [D in DType]: string } = { float32: "<f4", int32: "<i4", uint8: "|u1" };

/**
 * The array of an npy file (version 1, 2 or 3; either byte order; rows or columns first), as a copy in row-major order. float64 and the
 * integers that have no dtype here become float32 and int32.
 *
 * @throws DataError for a file that is not exactly right, for objects, texts, dates and complex numbers, and for a number that would not
 * survive unless `allow` says that it may be lost.
 */
export function readNpy(file: ArrayBuffer | Uint8Array, options: ConversionOptions = {}): NamedArray {
  return readNpyAs("npy", file, options);
}

/** The same with a name for messages, and the byte at which the array begins in a larger file. */
export function readNpyAs(
  what: string,
  file: ArrayBuffer | Uint8Array,
  options: ConversionOptions,
  start = 0,
): NamedArray {
  const bytes =
    file instanceof Uint8Array ? new Uint8Array(file.buffer, file.byteOffset, file.length) : new Uint8Array(file);
  const fail = (problem: string, offset = 0): never => {
    throw new DataError(`${what}: ${problem}`, { format, offset: start + offset });
  };
  if (bytes.length < 10 || magic.some((byte, at) => bytes[at] !== byte)) {
    fail(`the file does not begin with \\x93NUMPY; it is no npy file, or cut off`);
  }
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) fail(`version ${major}.${minor} is not known; 1.0, 2.0 and 3.0 are`, 6);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const begin = major === 1 ? 10 : 12;
  if (bytes.length < begin) fail("the file is cut off within its header", bytes.length);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeaderBytes) fail(`the header is said to have ${length} bytes, more than ${maxHeaderBytes}`, 8);
  const end = begin + length;
  if (end > bytes.length) {
    fail(`the header is said to have ${length} bytes, but only ${bytes.length - begin} follow; the file is cut off`, 8);
  }
  const text = String.fromCharCode(...bytes.subarray(begin, end));
  const { descr, columnsFirst, shape } = new HeaderScanner(text, (problem, at) => fail(problem, begin + at)).scan();
  const kind = kindOf(descr) ?? fail(`dtype ${JSON.stringify(descr)} is not read; ${whyNot(descr)}`, begin);
  const size = sizeOfStored(shape);
  if (typeof size === "string") return fail(`the array ${size}`, begin);
  const wanted = size * storedKinds[kind].bytes;
  if (bytes.length - end !== wanted) {
    fail(`${show(shape)} of ${kind} takes ${wanted} bytes, but there are ${bytes.length - end}`, end);
  }
  const origin = { what: `${what}: the array`, format, offset: start + end };
  const { dtype, data } = readNumbers(kind, bytes.subarray(end), origin, options, descr[0] !== ">");
  return { dtype, shape, data: columnsFirst ? rowsFirst(data, shape) : data };
}

/** The bytes of an npy file of version 1.0, as numpy writes it. NaN has the same bits on every machine. */
export function writeNpy({ dtype, shape, data }: NamedArray): Uint8Array<ArrayBuffer> {
  if (data.length !== sizeOf(shape)) {
    throw new DataError(`npy: the array has ${data.length} numbers for shape ${show(shape)}`, { format });
  }
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descriptions[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length + data.length * bytesOf[dtype]);
  bytes.set([...magic, 1, 0, length & 255, length >> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + length);
  if (data instanceof Float32Array) unifyNaN(data, new DataView(bytes.buffer, 10 + length));
  return bytes;
}

/** Machines differ in the bits of NaN; files do not. */
function unifyNaN(values: Float32Array, into: DataView): void {
  for (let index = 0; index < values.length; index++) {
    if (Number.isNaN(values[index])) into.setUint32(4 * index, 0x7fc00000, true);
  }
}

function kindOf(descr: string): StoredKind | undefined {
  const kind = descr.slice(1);
  return /^[<>|=]$/.test(descr.charAt(0)) && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
}

function whyNot(descr: string): string {
  if (/^[|<>=]?O/.test(descr)) return "objects are pickles, which would have to be executed";
  if (/^[|<>=]?[USa]/.test(descr)) return "texts are no numbers";
  return "numbers are f2, f4, f8, i1 to i8, u1 to u8 and b1";
}

interface NpyHeader {
  readonly descr: string;
  readonly columnsFirst: boolean;
  readonly shape: readonly number[];
}

/** Scans the dictionary: the three keys, each once, in any order. */
class HeaderScanner {
  readonly #text: string;
  readonly #fail: (problem: string, at: number) => never;
  #at = 0;

  constructor(text: string, fail: (problem: string, at: number) => never) {
    this.#text = text;
    this.#fail = fail;
  }

  scan(): NpyHeader {
    let descr: string | undefined;
    let columnsFirst: boolean | undefined;
    let shape: number[] | undefined;
    this.#take(/\{/y, "{");
    while (!this.#found(/\}/y)) {
      const key = this.#take(/'([^'\\]*)'|"([^"\\]*)"/y, "a key");
      this.#take(/:/y, ":");
      if (key === "descr" && descr === undefined) {
        if (/\s*\[/y.test(this.#text.slice(this.#at)))
          this.#fail("records are not read; give arrays of numbers", this.#at);
        descr = this.#take(/'([^'\\]*)'|"([^"\\]*)"/y, "a dtype");
      } else if (key === "fortran_order" && columnsFirst === undefined) {
        columnsFirst = this.#take(/(True|False)/y, "True or False") === "True";
      } else if (key === "shape" && shape === undefined) shape = this.#shape();
      else this.#fail(`the header has ${JSON.stringify(key)}, which is unknown or there twice`, this.#at);
      if (!this.#found(/,/y)) {
        this.#take(/\}/y, ", or }");
        break;
      }
    }
    this.#take(/$/y, "the end of the header");
    if (descr === undefined || columnsFirst === undefined || shape === undefined) {
      return this.#fail("the header lacks one of descr, fortran_order and shape", 0);
    }
    return { descr, columnsFirst, shape };
  }

  /** `()`, `(3,)`, `(3, 4)`; Python 2 wrote `3L`. */
  #shape(): number[] {
    const shape: number[] = [];
    this.#take(/\(/y, "(");
    while (!this.#found(/\)/y)) {
      shape.push(Number(this.#take(/(0|[1-9]\d{0,15})L?/y, "a size")));
      if (this.#found(/,/y)) continue;
      this.#take(/\)/y, ", or )");
      break;
    }
    return shape;
  }

  #found(pattern: RegExp): RegExpExecArray | undefined {
    this.#skip();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (!found) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }

  #take(pattern: RegExp, wanted: string): string {
    const found = this.#found(pattern);
    if (found) return found[1] ?? found[2] ?? "";
    return this.#fail(`the header is damaged: ${wanted} was expected at its byte ${this.#at}`, this.#at);
  }

  #skip(): void {
    while (/[ \t\r\n]/.test(this.#text.charAt(this.#at))) this.#at++;
  }
}

/** The same array with its last axis running fastest instead of its first. */
function rowsFirst(data: TypedArray, shape: Shape): TypedArray {
  const result = data.slice();
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const place = shape.map(() => 0);
  let from = 0;
  for (let index = 0; index < data.length; index++) {
    result[index] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      from -= shape[axis]! * strides[axis]!;
      place[axis] = 0;
    }
  }
  return result;
}
