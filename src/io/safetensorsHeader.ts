import { DataError } from "../errors.ts";

/** What the header says of a tensor, as it stands there. */
export interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly tensors: Map<string, TensorInfo>;
  readonly metadata: Map<string, string>;
}

/**
 * Parses the JSON of a safetensors header and nothing more than that: objects of the known form, strings, and whole numbers.
 * `JSON.parse` would keep the last of two equal keys in silence, round large numbers and let `__proto__` be a prototype.
 */
export function parseHeader(text: string): Header {
  return new HeaderParser(text).parse();
}

const metadataKey = "__metadata__";

class HeaderParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Header {
    let metadata: Map<string, string> | undefined;
    const tensors = new Map<string, TensorInfo>();
    this.#object("the header", (key) => {
      if (key === metadataKey) metadata = this.#metadata();
      else tensors.set(key, this.#tensor(key));
    });
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail("the end of the header");
    return { tensors, metadata: metadata ?? new Map() };
  }

  #metadata(): Map<string, string> {
    const metadata = new Map<string, string>();
    this.#object(metadataKey, (key) => metadata.set(key, this.#string()));
    return metadata;
  }

  #tensor(name: string): TensorInfo {
    let dtype: string | undefined;
    let shape: readonly number[] | undefined;
    let offsets: readonly number[] | undefined;
    this.#object(JSON.stringify(name), (key) => {
      if (key === "dtype") dtype = this.#string();
      else if (key === "shape") shape = this.#numbers();
      else if (key === "data_offsets") offsets = this.#numbers();
      else this.#refuse(`${JSON.stringify(name)} has an unknown field ${JSON.stringify(key)}`);
    });
    if (dtype === undefined || shape === undefined || offsets === undefined) {
      const missing = dtype === undefined ? "dtype" : shape === undefined ? "shape" : "data_offsets";
      return this.#refuse(`${JSON.stringify(name)} has no ${missing}`);
    }
    if (offsets.length !== 2) {
      return this.#refuse(`${JSON.stringify(name)} has ${offsets.length} data_offsets; there must be 2`);
    }
    return { dtype, shape, begin: offsets[0]!, end: offsets[1]! };
  }

  /** `{"key": …, …}`; `value` reads what follows each key. No key may come twice. */
  #object(what: string, value: (key: string) => void): void {
    const seen = new Set<string>();
    this.#take("{");
    if (this.#next() === "}") {
      this.#at++;
      return;
    }
    while (true) {
      const key = this.#string();
      if (seen.has(key)) this.#refuse(`${what} has ${JSON.stringify(key)} twice`);
      seen.add(key);
      this.#take(":");
      value(key);
      if (this.#next() === "}") break;
      this.#take(",");
    }
    this.#at++;
  }

  /** `[1, 2, …]` of whole numbers from 0 to 2⁵³ − 1. */
  #numbers(): number[] {
    const numbers: number[] = [];
    this.#take("[");
    if (this.#next() === "]") {
      this.#at++;
      return numbers;
    }
    while (true) {
      this.#skipSpace();
      const start = this.#at;
      while (isDigit(this.#text.charCodeAt(this.#at))) this.#at++;
      const digits = this.#text.slice(start, this.#at);
      const number = Number(digits);
      if (digits === "" || (digits.length > 1 && digits.startsWith("0")) || !Number.isSafeInteger(number)) {
        this.#at = start;
        this.#fail("a whole number from 0 to 2⁵³ − 1");
      }
      numbers.push(number);
      if (this.#next() === "]") break;
      this.#take(",");
    }
    this.#at++;
    return numbers;
  }

  #string(): string {
    this.#take('"');
    const start = this.#at - 1;
    for (let code = 0; ; this.#at++) {
      code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) break;
      if (code === 0x5c) this.#at++;
      else if (!(code >= 0x20)) this.#fail("the end of a string");
    }
    this.#at++;
    try {
      const value: string = JSON.parse(this.#text.slice(start, this.#at));
      if (!/\p{Surrogate}/u.test(value)) return value;
    } catch {
      // An escape that JSON does not know.
    }
    this.#at = start;
    return this.#fail("a string of valid characters");
  }

  #take(character: string): void {
    if (this.#next() !== character) this.#fail(character === '"' ? "a string" : character);
    this.#at++;
  }

  #next(): string {
    this.#skipSpace();
    return this.#text.charAt(this.#at);
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #fail(wanted: string): never {
    const found = this.#text.slice(this.#at, this.#at + 12);
    const shown = found === "" ? "the header ends" : `it goes on with ${JSON.stringify(found)}`;
    return this.#refuse(`${wanted} was expected at character ${this.#at} of the header, but ${shown}`);
  }

  #refuse(problem: string): never {
    const offset = 8 + new TextEncoder().encode(this.#text.slice(0, this.#at)).length;
    throw new DataError(`safetensors: ${problem}`, { format: "safetensors", offset });
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
