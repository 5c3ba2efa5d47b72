/** npz, numpy's file of several arrays: a zip archive with an npy file for each. */
import { zipSync } from "fflate";
import { DataError } from "../errors.ts";
import { readNpyAs, writeNpy } from "./npy.ts";
import { entriesOf, type NamedArray, type NamedArrays } from "./safetensors.ts";
import type { ConversionOptions } from "./storedNumbers.ts";
import { readZip, type ZipOptions } from "./zip.ts";

const format = "npz";
const ending = ".npy";
/** Zip knows no time before it, and no zone: the same arrays give the same bytes everywhere. */
const earliest = new Date(1980, 0, 1);

/**
 * The arrays of an npz file by name, written by `numpy.savez` or `numpy.savez_compressed`.
 *
 * @throws DataError where the archive or one of the arrays is not exactly right (see `readNpy`); then none is returned.
 */
export function readNpz(
  file: ArrayBuffer | Uint8Array,
  options: ConversionOptions & ZipOptions = {},
): Map<string, NamedArray> {
  const bytes =
    file instanceof Uint8Array ? new Uint8Array(file.buffer, file.byteOffset, file.length) : new Uint8Array(file);
  const arrays = new Map<string, NamedArray>();
  for (const [name, entry] of readZip(bytes, format, options)) {
    if (!name.endsWith(ending)) {
      throw new DataError(`npz: the archive has ${JSON.stringify(name)}, which is no npy file`, {
        format,
        offset: entry.offset,
      });
    }
    const array = name.slice(0, -ending.length);
    arrays.set(array, readNpyAs(`npz: ${JSON.stringify(array)}`, entry.read(), options, entry.offset));
  }
  return arrays;
}

/** The bytes of an npz file with these arrays, not compressed, as `numpy.savez` writes them. */
export function writeNpz(arrays: NamedArrays): Uint8Array<ArrayBuffer> {
  const files: Record<string, Uint8Array> = Object.create(null);
  for (const [name, array] of entriesOf(arrays)) {
    if (name === "" || /^[/\\]|[\\\0]|(^|\/)\.\.(\/|$)|^\w:/.test(name) || /\p{Surrogate}/u.test(name)) {
      throw new DataError(`npz: an array cannot be named ${JSON.stringify(name)}; it has to be a name of a file`, {
        format,
      });
    }
    files[`${name}${ending}`] = writeNpy(array);
  }
  return zipSync(files, { level: 0, mtime: earliest }) as Uint8Array<ArrayBuffer>;
}
