/** The IDX format, in which MNIST and its kin are kept: a header of big-endian numbers, then the elements. */
import { type OptionsOf, readOptions, whole } from "../core/options.ts";
import { type Shape, show, sizeOf } from "../core/shape.ts";
import { DataError } from "../errors.ts";

export interface Idx {
  readonly shape: Shape;
  /** Row-major. A view of the file's own bytes. */
  readonly data: Uint8Array;
}

/**
 * Reads the bytes of an IDX file of unsigned bytes:
 *
 *     0  0  type  rank     type 8: unsigned bytes
 *     size of each axis, 4 bytes each, big-endian
 *     elements
 *
 * @throws DataError where the bytes are something else, or where there are too few or too many.
 */
export function parseIdx(bytes: Uint8Array, name = "idx"): Idx {
  if (bytes.length < 4)
    throw new DataError(`${name}: ${bytes.length} bytes are too few for a header of at least 4`, { format: "idx" });
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new DataError(`${name}: the bytes are compressed with gzip; unpack them with gunzip first`, {
      format: "idx",
    });
  }
  const [zero0, zero1, type, rank] = bytes as unknown as [number, number, number, number];
  if (zero0 !== 0 || zero1 !== 0) {
    throw new DataError(
      `${name}: expected two zero bytes at the start, got ${zero0} and ${zero1}; this is no IDX file`,
      { format: "idx" },
    );
  }
  if (type !== 8) {
    throw new DataError(`${name}: expected elements of type 8 (unsigned bytes), got ${type}; only those can be read`, {
      format: "idx",
    });
  }
  const header = 4 + 4 * rank;
  if (rank === 0 || rank > 8 || bytes.length < header) {
    throw new DataError(
      `${name}: ${bytes.length} bytes are too few for a header of ${rank} axes, or there are not 1 to 8`,
      { format: "idx" },
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = sizeOf(shape);
  if (bytes.length !== header + size) {
    throw new DataError(
      `${name}: ${show(shape)} takes ${header + size} bytes, but there are ${bytes.length}; the file is cut off or damaged`,
      { format: "idx" },
    );
  }
  return { shape, data: bytes.subarray(header) };
}

/** The length of the IDX file that begins with these bytes; 0 where they are too few, or the beginning of something else. */
export function idxBytes(head: Uint8Array): number {
  const rank = head[3] ?? 0;
  const begin = 4 + 4 * rank;
  if (head[0] !== 0 || head[1] !== 0 || rank === 0 || rank > 8 || head.length < begin) return 0;
  const view = new DataView(head.buffer, head.byteOffset, begin);
  let size = 1;
  for (let axis = 0; axis < rank; axis++) size *= view.getUint32(4 + 4 * axis);
  return begin + size;
}

export interface GunzipOptions {
  /** The most bytes that may come out. By default what the header of an IDX file says, and 1 GiB for anything else. */
  readonly maxBytes?: number;
}

const gunzipOptions: OptionsOf<{ maxBytes: number | undefined }> = { maxBytes: whole(undefined) };

/**
 * Unpacks gzip in any runtime; what is not gzip is returned as it is.
 *
 * @throws DataError where the bytes are damaged or cut off, or unpack to more than `maxBytes`; it stops there.
 */
export async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  options?: GunzipOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBytes } = readOptions("gunzip", options, gunzipOptions);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const pieces: Uint8Array[] = [];
  let length = 0;
  let most = maxBytes ?? 0;
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const reader = stream.getReader();
    for (let turn = await reader.read(); !turn.done; turn = await reader.read()) {
      pieces.push(turn.value);
      length += turn.value.length;
      if (most === 0) most = idxBytes(pieces[0]!) || 2 ** 30;
      if (length <= most) continue;
      await reader.cancel();
      throw new DataError(`gunzip: the ${bytes.length} bytes unpack to more than ${most}; is the file damaged?`, {
        format: "gzip",
      });
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`gunzip: the ${bytes.length} bytes are damaged or cut off`, { format: "gzip", cause: error });
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
