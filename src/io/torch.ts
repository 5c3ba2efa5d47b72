/**
 * Reads what `torch.save` wrote (since PyTorch 1.6): a zip archive whose pickle says what there is, with the numbers of each storage in a
 * file of its own. Nothing in it is executed: see `pickle.ts`. The names that are known are the keys of `names` and of `storages`.
 */
import { type Shape, show } from "../core/shape.ts";
import { DataError } from "../errors.ts";
import { type Fail, isName, type Pickled, type PickleName, type PickleObject, readPickle } from "./pickle.ts";
import type { NamedArray } from "./safetensors.ts";
import { sizeOfStored } from "./sizes.ts";
import { type ConversionOptions, readNumbers, type StoredKind, storedKinds } from "./storedNumbers.ts";
import { readZip, type ZipEntry, type ZipOptions } from "./zip.ts";

const format = "pt";

/** What a file may hold: state dicts, optimisers' states, and lists and dictionaries of plain values and tensors. */
export type TorchValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | NamedArray
  | TorchValue[]
  | Map<string | number, TorchValue>;

const storages: Readonly<Record<string, StoredKind>> = {
  "torch.DoubleStorage": "float64",
  "torch.FloatStorage": "float32",
  "torch.HalfStorage": "float16",
  "torch.BFloat16Storage": "bfloat16",
  "torch.LongStorage": "int64",
  "torch.IntStorage": "int32",
  "torch.ShortStorage": "int16",
  "torch.CharStorage": "int8",
  "torch.ByteStorage": "uint8",
  "torch.BoolStorage": "bool",
};
/** Dtypes without a storage class of their own are named beside an untyped one. */
const dtypes: Readonly<Record<string, StoredKind>> = {
  "torch.uint16": "uint16",
  "torch.uint32": "uint32",
  "torch.uint64": "uint64",
};

interface Storage {
  readonly kind: StoredKind | undefined;
  readonly entry: ZipEntry;
}

/**
 * The value that `torch.save` was given: for a state dict, a Map of arrays by name. Tensors that share numbers in the file get copies of
 * their own. Tensors are read as `readSafetensors` reads them.
 *
 * @throws DataError for a file that is not exactly right, that names anything but tensors and plain values (it says the name), or holds a
 * number that would not survive unless `allow` says that it may be lost.
 */
export function readTorch(file: ArrayBuffer | Uint8Array, options: ConversionOptions & ZipOptions = {}): TorchValue {
  const bytes =
    file instanceof Uint8Array ? new Uint8Array(file.buffer, file.byteOffset, file.length) : new Uint8Array(file);
  if (bytes[0] === 0x80) {
    throw new DataError("pt: the file is of the kind before PyTorch 1.6; load it there and save it anew", {
      format,
      offset: 0,
    });
  }
  return new TorchReader(readZip(bytes, format, options), bytes.length, options).value();
}

class TorchReader {
  readonly #entries: ReadonlyMap<string, ZipEntry>;
  readonly #options: ConversionOptions;
  readonly #prefix: string;
  readonly #pickle: ZipEntry;
  readonly #little: boolean;
  /** Numbers that may still be copied: tensors of a few bytes that claim to be large are refused. */
  #room: number;

  constructor(entries: ReadonlyMap<string, ZipEntry>, fileBytes: number, options: ConversionOptions) {
    this.#entries = entries;
    this.#options = options;
    const pickles = [...entries.values()].filter(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
    if (pickles.length !== 1)
      this.#fail(`${pickles.length} files are named data.pkl; this is no file of torch.save`, 0);
    this.#pickle = pickles[0]!;
    this.#prefix = this.#pickle.name.slice(0, -"data.pkl".length);
    const order = entries.get(`${this.#prefix}byteorder`);
    const text = order && order.size < 16 ? String.fromCharCode(...order.read()) : "little";
    if (order && text !== "little" && text !== "big")
      this.#fail(`the byte order is ${JSON.stringify(text)}`, order.offset);
    this.#little = text === "little";
    this.#room = 4 * fileBytes + 1_000_000;
  }

  value(): TorchValue {
    const { offset } = this.#pickle;
    const found = (name: string) => this.#names.get(name) ?? marks.get(name);
    const value = readPickle(this.#pickle.read(), {
      format,
      offset,
      find: found,
      load: (id, fail) => this.#storage(id, fail),
    });
    return this.#plain(value);
  }

  readonly #names = new Map<string, PickleName>(
    Object.entries({
      "collections.OrderedDict": dictionary,
      "torch.Size": (args: readonly Pickled[], fail: Fail) =>
        Array.isArray(args[0]) ? args[0] : fail("a size is no tuple"),
      "torch._utils._rebuild_tensor_v2": (args: readonly Pickled[], fail: Fail) => this.#tensor(args, args[6], fail),
      "torch._utils._rebuild_tensor_v3": (args: readonly Pickled[], fail: Fail) => this.#tensor(args, args[6], fail),
      "torch._utils._rebuild_parameter": (args: readonly Pickled[], fail: Fail) =>
        args[0] ?? fail("a parameter has no tensor"),
    }).map(([name, call]) => [name, { name, call }]),
  );

  /** `("storage", class, key, device, number of elements)`; the device is of no interest. */
  #storage(id: Pickled, fail: Fail): PickleObject {
    if (!Array.isArray(id) || id.length !== 5 || id[0] !== "storage") return fail("a storage is not described as one");
    const [, type, key, , count] = id;
    if (!isName(type!) || typeof key !== "string") return fail("a storage has no type or no key");
    const kind = storages[type.name];
    const entry = this.#entries.get(`${this.#prefix}data/${key}`);
    if (!entry) return fail(`there is no file for the storage ${JSON.stringify(key)}`);
    const width = kind ? storedKinds[kind].bytes : 1;
    if (typeof count !== "number" || count * width !== entry.size) {
      return fail(`the storage ${JSON.stringify(key)} has ${entry.size} bytes, not ${count} elements of ${width}`);
    }
    return { made: { kind, entry } satisfies Storage };
  }

  /** `(storage, offset, size, stride, requires_grad, hooks, dtype or metadata)` */
  #tensor([storage, from, size, stride]: readonly Pickled[], dtype: Pickled | undefined, fail: Fail): PickleObject {
    const made = isMade(storage) ? (storage.made as Storage) : undefined;
    const kind = made?.kind ?? (dtype !== undefined && isName(dtype) ? dtypes[dtype.name] : undefined);
    if (!made?.entry || !kind) return fail("a tensor has no storage of a dtype that is read");
    if (!isWhole(from) || !isSizes(size) || !isSizes(stride) || size.length !== stride.length) {
      return fail("a tensor's offset, size or stride are not whole numbers");
    }
    const count = sizeOfStored(size);
    if (typeof count === "string") return fail(`a tensor ${count}`);
    const { bytes: width, dtype: target } = storedKinds[kind];
    const last = count === 0 ? from - 1 : size.reduce((at, length, axis) => at + (length - 1) * stride[axis]!, from);
    const held = made.entry.size / width;
    if (last >= held) return fail(`a tensor ${show(size)} reaches to element ${last} of a storage of ${held}`);
    this.#room -= count * width;
    if (this.#room < 0) {
      return fail(`a tensor ${show(size)} is larger than what the file holds; save expanded tensors by contiguous()`);
    }
    const { entry } = made;
    const what = "pt: a storage";
    const origin = { what, format, offset: entry.offset };
    const packed = gathered(entry.read(), width, from, size, stride, count);
    const { data } = readNumbers(kind, packed, origin, this.#options, this.#little);
    return { made: { dtype: target, shape: size, data } satisfies NamedArray };
  }

  /** Without the interpreter's own objects. A value that contains itself is no tree, and refused. */
  #plain(root: Pickled): TorchValue {
    const plain = (value: Pickled, depth: number): TorchValue => {
      if (depth > 64) return this.#fail("values are nested more than 64 deep", this.#pickle.offset);
      if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
      if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, plain(item, depth + 1)]));
      if (isMade(value) && isArray(value.made)) return value.made;
      if (typeof value === "object" && value !== null) {
        return this.#fail("the value is no tensor and no plain value", this.#pickle.offset);
      }
      if (--this.#room < 0) return this.#fail("the values are more than the file holds", this.#pickle.offset);
      return value;
    };
    return plain(root, 0);
  }

  #fail(problem: string, offset: number): never {
    throw new DataError(`pt: ${problem}`, { format, offset });
  }
}

/** Names that are only taken as arguments. */
const marks = new Map<string, PickleName>(
  [...Object.keys(storages), ...Object.keys(dtypes), "torch.storage.UntypedStorage"].map((name) => [name, { name }]),
);

/** `OrderedDict()` or `OrderedDict([(key, value), …])`. */
function dictionary(args: readonly Pickled[], fail: Fail): Pickled {
  const result = new Map<string | number, Pickled>();
  for (const pair of (args[0] ?? []) as readonly Pickled[]) {
    if (!Array.isArray(pair) || typeof pair[0] !== "string" || pair.length !== 2) return fail("an entry is no pair");
    result.set(pair[0], pair[1]!);
  }
  return result;
}

/** The bytes of the elements that offset and strides name, one behind the other. */
function gathered(
  bytes: Uint8Array,
  width: number,
  from: number,
  size: Shape,
  stride: Shape,
  count: number,
): Uint8Array {
  let dense = 1;
  let isDense = true;
  for (let axis = size.length - 1; axis >= 0; axis--) {
    if (size[axis] !== 1 && stride[axis] !== dense) isDense = false;
    dense *= size[axis]!;
  }
  if (isDense || count === 0) return bytes.subarray(from * width, (from + count) * width);
  const result = new Uint8Array(count * width);
  const place = size.map(() => 0);
  let at = from;
  for (let index = 0; index < count; index++) {
    for (let k = 0; k < width; k++) result[index * width + k] = bytes[at * width + k]!;
    for (let axis = size.length - 1; axis >= 0; axis--) {
      at += stride[axis]!;
      if (++place[axis]! < size[axis]!) break;
      at -= size[axis]! * stride[axis]!;
      place[axis] = 0;
    }
  }
  return result;
}

function isMade(value: Pickled | undefined): value is PickleObject {
  return typeof value === "object" && value !== null && "made" in value;
}

export function isArray(value: unknown): value is NamedArray {
  return typeof value === "object" && value !== null && "dtype" in value && "data" in value;
}

function isWhole(value: Pickled | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isSizes(value: Pickled | undefined): value is number[] {
  return Array.isArray(value) && value.every(isWhole);
}
