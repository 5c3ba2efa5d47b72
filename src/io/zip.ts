/**
 * Reads zip archives, as npz and PyTorch's files are, and trusts nothing in them: the directory at the end and the header before
 * each entry have to agree, entries may not overlap, sizes are held to, and every checksum is compared.
 *
 *     local header │ name │ extra │ data │ …  central directory │ [zip64 end │ its locator] │ end of directory
 */
import { Inflate } from "fflate";
import { DataError } from "../errors.ts";

export interface ZipOptions {
  /** How many times its size an entry of more than 10 MB may grow when it is unpacked. 100 by default. */
  readonly maxRatio?: number;
}

export interface ZipEntry {
  readonly name: string;
  /** The byte of the file at which its data begin. */
  readonly offset: number;
  /** Unpacked. */
  readonly size: number;
  /** Its bytes, checked; a view of the file where they are not compressed. */
  read(): Uint8Array;
}

const maxEntries = 10_000;
const freeBytes = 10_000_000;
const pieceBytes = 16_384;
const stored = 0;
const deflated = 8;

/**
 * The entries of an archive by name.
 *
 * @throws DataError (also from `read`) for an archive that is not exactly right, is encrypted, or holds more than 10,000 entries.
 */
export function readZip(bytes: Uint8Array, format: string, { maxRatio = 100 }: ZipOptions = {}): Map<string, ZipEntry> {
  return new ZipReader(bytes, format, maxRatio).entries();
}

interface Listed {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly header: number;
}

class ZipReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #format: string;
  readonly #maxRatio: number;

  constructor(bytes: Uint8Array, format: string, maxRatio: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#format = format;
    this.#maxRatio = maxRatio;
  }

  entries(): Map<string, ZipEntry> {
    const { count, begin, end } = this.#directory();
    const listed: Listed[] = [];
    let at = begin;
    for (let index = 0; index < count; index++) at = this.#listed(at, end, listed);
    if (at !== end) this.#fail(`the directory ends at byte ${at}, but is said to end at ${end}`, at);
    const result = new Map<string, ZipEntry>();
    let used = 0;
    for (const entry of listed.sort((a, b) => a.header - b.header)) {
      if (result.has(entry.name)) this.#fail(`two entries are named ${shown(entry.name)}`, entry.header);
      if (entry.header < used) this.#fail(`${shown(entry.name)} overlaps the entry before it`, entry.header);
      const offset = this.#dataOf(entry, begin);
      used = offset + entry.packed;
      const { name, size } = entry;
      result.set(name, { name, size, offset, read: () => this.#read(entry, offset) });
    }
    return result;
  }

  /** The end of the directory is the last thing in the file, but for a comment whose length it tells. */
  #directory(): { count: number; begin: number; end: number } {
    const last = this.#bytes.length - 22;
    let at = last;
    while (at >= 0 && at >= last - 0xffff && !(this.#is(at, 0x06054b50) && this.#u16(at + 20) === last - at)) at--;
    if (at < 0 || at < last - 0xffff)
      this.#fail("there is no end of a zip directory; the file is cut off, or no zip", 0);
    if (this.#u16(at + 4) !== 0 || this.#u16(at + 6) !== 0) this.#fail("an archive in several parts is not read", at);
    let count = this.#u16(at + 10);
    let size = this.#u32(at + 12);
    let begin = this.#u32(at + 16);
    let end = at;
    if (this.#is(at - 20, 0x07064b50)) {
      const far = this.#u64(at - 12);
      if (far > at - 20 - 56 || !this.#is(far, 0x06064b50))
        this.#fail("the zip64 directory is not where it is said to be", at - 20);
      const large = { count: this.#u64(far + 32), size: this.#u64(far + 40), begin: this.#u64(far + 48) };
      for (const [small, limit, real] of [
        [count, 0xffff, large.count],
        [size, 0xffffffff, large.size],
        [begin, 0xffffffff, large.begin],
      ] as const) {
        if (small !== limit && small !== real) this.#fail("the two ends of the directory differ", far);
      }
      ({ count, size, begin } = large);
      end = far;
    }
    if (count > maxEntries) this.#fail(`${count} entries are more than ${maxEntries}`, at);
    if (begin + size !== end) this.#fail(`the directory is said to end at byte ${begin + size}, not at ${end}`, at);
    return { count, begin, end };
  }

  /** Reads an entry of the directory, and returns where the next begins. */
  #listed(at: number, end: number, into: Listed[]): number {
    if (at + 46 > end || !this.#is(at, 0x02014b50)) this.#fail("an entry of the directory is missing or cut off", at);
    const [nameLength, extraLength, commentLength] = [this.#u16(at + 28), this.#u16(at + 30), this.#u16(at + 32)];
    const extra = at + 46 + nameLength;
    const next = extra + extraLength + commentLength;
    if (next > end) this.#fail("an entry of the directory is cut off", at);
    const name = this.#name(at + 46, nameLength);
    const fields = { size: this.#u32(at + 24), packed: this.#u32(at + 20), header: this.#u32(at + 42) };
    const whole = this.#enlarged(fields, extra, extraLength, name);
    const [flags, method, crc] = [this.#u16(at + 8), this.#u16(at + 10), this.#u32(at + 16)];
    if (flags & 0x41) this.#fail(`${shown(name)} is encrypted`, at);
    if (method !== stored && method !== deflated) {
      this.#fail(`${shown(name)} is packed by method ${method}; only 0 and 8 are read`, at);
    }
    if (method === stored && whole.packed !== whole.size) {
      this.#fail(`${shown(name)} is not packed, but ${whole.size} bytes are said to be ${whole.packed}`, at);
    }
    if (whole.size > freeBytes && whole.size > this.#maxRatio * whole.packed) {
      this.#fail(
        `${shown(name)} grows from ${whole.packed} to ${whole.size} bytes, more than ${this.#maxRatio} times; raise maxRatio if that is right`,
        at,
      );
    }
    into.push({ name, flags, method, crc, ...whole });
    return next;
  }

  /** Sizes of 32 bits that are full stand in the zip64 field in this order. */
  #enlarged<Fields extends Record<string, number>>(
    fields: Fields,
    extra: number,
    length: number,
    name: string,
  ): Fields {
    const full = Object.keys(fields).filter((key) => fields[key] === 0xffffffff);
    if (full.length === 0) return fields;
    const result: Record<string, number> = { ...fields };
    for (let at = extra; at + 4 <= extra + length; at += 4 + this.#u16(at + 2)) {
      if (this.#u16(at) !== 1) continue;
      const room = Math.min(this.#u16(at + 2), extra + length - at - 4);
      if (room < 8 * full.length) break;
      full.forEach((key, index) => {
        result[key] = this.#u64(at + 4 + 8 * index);
      });
      return result as Fields;
    }
    return this.#fail(`${shown(name)} has no zip64 sizes`, extra);
  }

  /** Compares the header before an entry with the directory, and returns where the data begin. */
  #dataOf(entry: Listed, directory: number): number {
    const { name, header: at, packed, size, crc, method, flags } = entry;
    if (at + 30 > directory || !this.#is(at, 0x04034b50))
      this.#fail(`${shown(name)} has no header where it is said to be`, at);
    const [nameLength, extraLength] = [this.#u16(at + 26), this.#u16(at + 28)];
    const begin = at + 30 + nameLength + extraLength;
    if (begin + packed > directory) this.#fail(`${shown(name)} reaches into the directory`, at);
    const own = this.#enlarged(
      { size: this.#u32(at + 22), packed: this.#u32(at + 18) },
      at + 30 + nameLength,
      extraLength,
      name,
    );
    // With flag 3 the numbers follow the data, and the header may leave them out.
    const late = (flags & 8) !== 0;
    const agrees = (mine: number, listed: number) => mine === listed || (late && mine === 0);
    const same =
      this.#name(at + 30, nameLength) === name &&
      this.#u16(at + 8) === method &&
      this.#u16(at + 6) === flags &&
      agrees(this.#u32(at + 14), crc) &&
      agrees(own.packed, packed) &&
      agrees(own.size, size);
    if (!same) this.#fail(`the header of ${shown(name)} is not what the directory says`, at);
    return begin;
  }

  #read({ name, method, packed, size, crc }: Listed, offset: number): Uint8Array {
    const data = this.#bytes.subarray(offset, offset + packed);
    const whole = method === stored ? data : this.#inflated(data, size, name, offset);
    if (crc32(whole) !== crc) this.#fail(`${shown(name)} is damaged: its checksum differs`, offset);
    return whole;
  }

  /** Never makes more than `size` bytes and a piece. */
  #inflated(data: Uint8Array, size: number, name: string, offset: number): Uint8Array {
    const result = new Uint8Array(size);
    let filled = 0;
    let ended = false;
    const inflate = new Inflate((piece, final) => {
      if (filled + piece.length > size) this.#fail(`${shown(name)} unpacks to more than ${size} bytes`, offset);
      result.set(piece, filled);
      filled += piece.length;
      ended ||= final;
    });
    try {
      for (let at = 0; at < data.length; at += pieceBytes) {
        inflate.push(data.subarray(at, at + pieceBytes), at + pieceBytes >= data.length);
      }
    } catch (error) {
      if (error instanceof DataError) throw error;
      this.#fail(`${shown(name)} cannot be unpacked: ${(error as Error).message}`, offset);
    }
    if (filled !== size || !ended) this.#fail(`${shown(name)} unpacks to ${filled} bytes, not ${size}`, offset);
    return result;
  }

  /** Names are data; but none may lead out of a folder if someone takes it for a path. */
  #name(at: number, length: number): string {
    let name: string;
    try {
      name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.#bytes.subarray(at, at + length));
    } catch {
      return this.#fail("the name of an entry is not valid UTF-8", at);
    }
    const parts = name.split("/");
    if (name === "" || parts[0] === "" || parts.includes("..") || /[\0\\]|^\w:/.test(name)) {
      this.#fail(`an entry is named ${shown(name)}, which is no name within an archive`, at);
    }
    return name;
  }

  #is(at: number, signature: number): boolean {
    return at >= 0 && at + 4 <= this.#bytes.length && this.#view.getUint32(at, true) === signature;
  }

  #u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  #u64(at: number): number {
    const high = this.#u32(at + 4);
    if (high >= 2 ** 21) this.#fail("a size or a place has more than 53 bits", at);
    return high * 2 ** 32 + this.#u32(at);
  }

  #fail(problem: string, offset: number): never {
    throw new DataError(`${this.#format}: ${problem}`, { format: this.#format, offset });
  }
}

function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}…` : name);
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let word = byte;
  for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >>> 1) ^ 0xedb88320 : word >>> 1;
  return word;
});

/** The checksum of zip. */
export function crc32(bytes: Uint8Array): number {
  let word = -1;
  for (let at = 0; at < bytes.length; at++) word = (word >>> 8) ^ table[(word ^ bytes[at]!) & 255]!;
  return ~word >>> 0;
}
