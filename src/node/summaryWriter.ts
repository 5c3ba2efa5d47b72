/**
 * TensorBoard's event files, written from its published formats: a file is a row of records (length, checksum, bytes, checksum), each record an
 * `Event` of `event.proto` with at most one scalar in it.
 */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DataError } from "../index.ts";

/** Writes single numbers for `tensorboard --logdir FOLDER`: `fit(model, loader, { …, writer: new SummaryWriter("runs/first") })`. */
export class SummaryWriter {
  /** The file that it writes. */
  readonly path: string;
  readonly #file: number;

  /** @throws DataError where the folder or the file cannot be made. */
  constructor(folder: string) {
    this.path = join(folder, `events.out.tfevents.${Math.floor(Date.now() / 1000)}.${hostname()}.${process.pid}`);
    try {
      mkdirSync(folder, { recursive: true });
      this.#file = openSync(this.path, "a");
    } catch (error) {
      throw new DataError(`${this.path}: ${(error as Error).message}`);
    }
    this.#write(Buffer.concat([wallTime(), bytesField(3, Buffer.from("brain.Event:2"))]));
  }

  /** A figure, at a step or an epoch. */
  addScalar(tag: string, value: number, step: number): void {
    const number = Buffer.alloc(4);
    number.writeFloatLE(value);
    const scalar = Buffer.concat([bytesField(1, Buffer.from(tag)), key(2, 5), number]);
    this.#write(Buffer.concat([wallTime(), key(2, 0), varint(step), bytesField(5, bytesField(1, scalar))]));
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(event: Buffer): void {
    const length = Buffer.alloc(8);
    length.writeUInt32LE(event.length);
    writeSync(this.#file, Buffer.concat([length, checksum(length), event, checksum(event)]));
  }
}

/** Seconds since 1970, field 1 of an event. */
function wallTime(): Buffer {
  const time = Buffer.alloc(8);
  time.writeDoubleLE(Date.now() / 1000);
  return Buffer.concat([key(1, 1), time]);
}

/** The number of a field and how its value is written: 0 as a varint, 1 in 8 bytes, 2 with its length before it, 5 in 4 bytes. */
function key(field: number, wire: 0 | 1 | 2 | 5): Buffer {
  return Buffer.of((field << 3) | wire);
}

function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([key(field, 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.of(...bytes, rest);
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  return remainder;
});

/** CRC-32C, turned and shifted as the format has it, so that a checksum of data with checksums in it is none. */
function checksum(bytes: Buffer): Buffer {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = table[(remainder ^ byte) & 255]! ^ (remainder >>> 8);
  const crc = ~remainder >>> 0;
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return masked;
}
