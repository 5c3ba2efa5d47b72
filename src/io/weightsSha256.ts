import { sha256 } from "@noble/hashes/sha2";
import { bytesToHex } from "@noble/hashes/utils";
import type { Tensor } from "../core/tensor.ts";

/**
 * The SHA-256 of numbers, in hexadecimal: of all parameters and buffers of a model in their order, as little-endian bytes. NaN is hashed as
 * 7fc00000, since its other bits differ from machine to machine; all other bits are promised to be the same everywhere.
 */
export function weightsSha256(model: { stateDict(): Readonly<Record<string, Tensor>> }): string {
  const hash = sha256.create();
  for (const tensor of Object.values(model.stateDict())) hash.update(canonicalBytes(tensor));
  return bytesToHex(hash.digest());
}

/** The SHA-256 of the numbers of one tensor, in hexadecimal. */
export function tensorSha256(tensor: Tensor): string {
  return bytesToHex(sha256(canonicalBytes(tensor)));
}

function canonicalBytes(tensor: Tensor): Uint8Array {
  const copy = tensor.data.slice();
  if (copy instanceof Float32Array) {
    // Assigning NaN writes the runtime's own pattern; the canonical one is written as bits.
    const bits = new Int32Array(copy.buffer);
    for (let index = 0; index < copy.length; index++) if (Number.isNaN(copy[index])) bits[index] = 0x7fc00000;
  }
  return new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength);
}
