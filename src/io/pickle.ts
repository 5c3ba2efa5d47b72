/**
 * Interprets a pickle, Python's own file of objects, without executing any of it. A pickle is a program for a stack machine whose
 * opcodes make numbers, texts, lists and dictionaries, and which may name any function of Python and call it. Here the opcodes are
 * a fixed list, and a name leads only to what the caller provides for it; everything else is refused by name.
 */
import { DataError } from "../errors.ts";

/** What a name stands for. Without `call` it is only a mark, to be recognised by whoever takes it as an argument. */
export interface PickleName {
  readonly name: string;
  readonly call?: (args: readonly Pickled[], fail: Fail) => Pickled;
}

/** Something that a caller's function made. */
export interface PickleObject {
  readonly made: unknown;
}

/** Lists and tuples are arrays, dictionaries are Maps. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleName
  | PickleObject
  | Pickled[]
  | Map<string | number, Pickled>;

export type Fail = (problem: string) => never;

export interface PickleOptions {
  /** What messages begin with. */
  readonly format: string;
  /** The byte at which the pickle begins in a larger file. */
  readonly offset: number;
  /** What the names of the allow-list stand for; undefined for all others. */
  readonly find: (name: string) => PickleName | undefined;
  /** What a persistent id, with which a pickle names something outside of it, stands for. */
  readonly load: (id: Pickled, fail: Fail) => Pickled;
}

/** The value of a pickle of protocol 2 to 5. */
export function readPickle(bytes: Uint8Array, options: PickleOptions): Pickled {
  return new Machine(bytes, options).run();
}

const mark = Symbol("mark");

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #options: PickleOptions;
  readonly #stack: (Pickled | typeof mark)[] = [];
  readonly #memo = new Map<number, Pickled>();
  #at = 0;
  /** Where the opcode under way begins. */
  #start = 0;
  #ended = false;

  constructor(bytes: Uint8Array, options: PickleOptions) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#options = options;
  }

  run(): Pickled {
    while (!this.#ended) {
      this.#start = this.#at;
      const code = this.#u8();
      const opcode = Machine.#opcodes.get(code);
      if (!opcode) return this.#fail(`opcode 0x${code.toString(16).padStart(2, "0")} is not allowed`);
      opcode(this);
    }
    if (this.#stack.length !== 1) this.#fail(`the pickle ends with ${this.#stack.length} values instead of one`);
    if (this.#at !== this.#bytes.length) this.#fail(`${this.#bytes.length - this.#at} bytes follow the pickle's end`);
    return this.#pop();
  }

  /** Everything that a pickle may do. */
  static readonly #opcodes = new Map<number, (machine: Machine) => void>([
    // Beginning and end: PROTO, FRAME, STOP.
    [0x80, (m) => m.#protocol(m.#u8())],
    [0x95, (m) => void m.#length64()],
    [0x2e, (m) => (m.#ended = true)],
    // NONE, NEWTRUE, NEWFALSE.
    [0x4e, (m) => m.#push(null)],
    [0x88, (m) => m.#push(true)],
    [0x89, (m) => m.#push(false)],
    // BININT, BININT1, BININT2, LONG1, BINFLOAT.
    [0x4a, (m) => m.#push(m.#view.getInt32(m.#take(4), true))],
    [0x4b, (m) => m.#push(m.#u8())],
    [0x4d, (m) => m.#push(m.#u16())],
    [0x8a, (m) => m.#push(m.#whole(m.#u8()))],
    [0x47, (m) => m.#push(m.#view.getFloat64(m.#take(8), false))],
    // SHORT_BINUNICODE, BINUNICODE, BINUNICODE8.
    [0x8c, (m) => m.#push(m.#text(m.#u8()))],
    [0x58, (m) => m.#push(m.#text(m.#u32()))],
    [0x8d, (m) => m.#push(m.#text(m.#length64()))],
    // MARK, EMPTY_TUPLE, TUPLE1 to TUPLE3, TUPLE.
    [0x28, (m) => void m.#stack.push(mark)],
    [0x29, (m) => m.#push([])],
    [0x85, (m) => m.#tuple(1)],
    [0x86, (m) => m.#tuple(2)],
    [0x87, (m) => m.#tuple(3)],
    [0x74, (m) => m.#push(m.#sinceMark())],
    // EMPTY_LIST, APPEND, APPENDS.
    [0x5d, (m) => m.#push([])],
    [0x61, (m) => m.#append([m.#pop()])],
    [0x65, (m) => m.#append(m.#sinceMark())],
    // EMPTY_DICT, SETITEM, SETITEMS.
    [0x7d, (m) => m.#push(new Map())],
    [0x73, (m) => m.#setItems([m.#pop(), m.#pop()].reverse())],
    [0x75, (m) => m.#setItems(m.#sinceMark())],
    // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET.
    [0x71, (m) => void m.#memo.set(m.#u8(), m.#top())],
    [0x72, (m) => void m.#memo.set(m.#u32(), m.#top())],
    [0x94, (m) => void m.#memo.set(m.#memo.size, m.#top())],
    [0x68, (m) => m.#recall(m.#u8())],
    [0x6a, (m) => m.#recall(m.#u32())],
    // GLOBAL, STACK_GLOBAL, REDUCE, BUILD, BINPERSID.
    [0x63, (m) => m.#push(m.#named(`${m.#line()}.${m.#line()}`))],
    [0x93, (m) => m.#push(m.#named([m.#pop(), m.#pop()].reverse().join(".")))],
    [0x52, (m) => m.#call()],
    [0x62, (m) => m.#build(m.#pop())],
    [0x51, (m) => m.#push(m.#options.load(m.#pop(), m.#failing))],
  ]);

  readonly #failing: Fail = (problem) => this.#fail(problem);

  #fail(problem: string): never {
    const { format, offset } = this.#options;
    throw new DataError(`${format}: ${problem} (at byte ${this.#start} of the pickle)`, {
      format,
      offset: offset + this.#start,
    });
  }

  /** Moves on by `length` bytes, all of which are there, and returns where they begin. */
  #take(length: number): number {
    const begin = this.#at;
    if (length > this.#bytes.length - begin) this.#fail("the pickle is cut off");
    this.#at += length;
    return begin;
  }

  #u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  #u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #length64(): number {
    const at = this.#take(8);
    const [low, high] = [this.#view.getUint32(at, true), this.#view.getUint32(at + 4, true)];
    return high * 2 ** 32 + low;
  }

  /** A whole number of up to 8 bytes, of two's complement. */
  #whole(length: number): number | bigint {
    if (length > 8) this.#fail(`a whole number of ${length} bytes is longer than 8`);
    const at = this.#take(length);
    let value = 0n;
    for (let k = length - 1; k >= 0; k--) value = (value << 8n) | BigInt(this.#bytes[at + k]!);
    value = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  #text(length: number): string {
    const at = this.#take(length);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.#bytes.subarray(at, at + length));
    } catch {
      return this.#fail("a text is not valid UTF-8");
    }
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.#fail("the pickle is cut off");
    const line = this.#text(end - this.#at);
    this.#at++;
    return line;
  }

  #protocol(version: number): void {
    if (version < 2 || version > 5) this.#fail(`protocol ${version} is not read; 2 to 5 are`);
  }

  #push(value: Pickled): void {
    this.#stack.push(value);
  }

  #top(): Pickled {
    const value = this.#stack.at(-1);
    if (value === undefined || value === mark) this.#fail("a value is taken that is not there");
    return value as Pickled;
  }

  #pop(): Pickled {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #sinceMark(): Pickled[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) this.#fail("there is no mark");
    const values = this.#stack.splice(at) as Pickled[];
    return values.slice(1);
  }

  #tuple(length: number): void {
    const values = Array.from({ length }, () => this.#pop());
    this.#push(values.reverse());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) this.#fail(`nothing was remembered as ${index}`);
    this.#stack.push(value as Pickled);
  }

  #named(name: string): PickleName {
    const found = this.#options.find(name);
    if (found) return found;
    const shown = name.length > 80 ? `${name.slice(0, 77)}…` : name;
    return this.#fail(`the name ${JSON.stringify(shown)} is not allowed; only tensors and plain values are read`);
  }

  #call(): void {
    const args = this.#pop();
    const callee = this.#pop();
    if (!isName(callee) || !callee.call || !Array.isArray(args)) {
      const what = isName(callee) ? `"${callee.name}"` : "a value";
      throw this.#failing(`${what} cannot be called`);
    }
    this.#push(callee.call(args, this.#failing));
  }

  #setItems(items: readonly Pickled[]): void {
    const dictionary = this.#top();
    if (!(dictionary instanceof Map)) this.#fail("items are set of something that is no dictionary");
    if (items.length % 2 !== 0) this.#fail("a key has no value");
    for (let at = 0; at < items.length; at += 2) {
      const key = items[at]!;
      if (typeof key !== "string" && typeof key !== "number") this.#fail("a key is neither a text nor a number");
      (dictionary as Map<string | number, Pickled>).set(key as string | number, items[at + 1]!);
    }
  }

  #append(items: readonly Pickled[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) this.#fail("something is appended to what is no list");
    for (const item of items) (list as Pickled[]).push(item);
  }

  /** Attributes of a dictionary, such as the versions of a state dict's modules, are dropped. */
  #build(state: Pickled): void {
    if (!(this.#top() instanceof Map && state instanceof Map)) this.#fail("an object other than a dictionary is built");
  }
}

export function isName(value: Pickled): value is PickleName {
  return typeof value === "object" && value !== null && "name" in value;
}
