import { createHash } from "node:crypto";

/** The SHA-256 of the bytes of some numbers, in hexadecimal. */
export function sha256(numbers: ArrayBufferView): string {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return createHash("sha256").update(bytes.slice()).digest("hex");
}
