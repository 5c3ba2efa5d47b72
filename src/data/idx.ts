/** The IDX format, in which MNIST and its kin are kept: a header of big-endian numbers, then the elements. */
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
  if (bytes.length < 4) throw new DataError(`${name}: ${bytes.length} bytes are too few for a header of at least 4`);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new DataError(`${name}: the bytes are compressed with gzip; unpack them with gunzip first`);
  }
  const [zero0, zero1, type, rank] = bytes as unknown as [number, number, number, number];
  if (zero0 !== 0 || zero1 !== 0) {
    throw new DataError(
      `${name}: expected two zero bytes at the start, got ${zero0} and ${zero1}; this is no IDX file`,
    );
  }
  if (type !== 8) {
    throw new DataError(`${name}: expected elements of type 8 (unsigned bytes), got ${type}; only those can be read`);
  }
  const header = 4 + 4 * rank;
  if (rank === 0 || rank > 8 || bytes.length < header) {
    throw new DataError(
      `${name}: ${bytes.length} bytes are too few for a header of ${rank} axes, or there are not 1 to 8`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = sizeOf(shape);
  if (bytes.length !== header + size) {
    throw new DataError(
      `${name}: ${show(shape)} takes ${header + size} bytes, but there are ${bytes.length}; the file is cut off or damaged`,
    );
  }
  return { shape, data: bytes.subarray(header) };
}

/** Unpacks gzip in any runtime; what is not gzip is returned as it is. */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new DataError(`gunzip: the ${bytes.length} bytes are damaged or cut off`);
  }
}
