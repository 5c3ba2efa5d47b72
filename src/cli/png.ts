/** Pictures as PNG files. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { encode } from "fast-png";
import { DataError, type study } from "../index.ts";
import { writeWhole } from "../node.ts";

/** The bytes of a PNG file with this picture. */
export function pngOf(picture: study.Picture): Uint8Array {
  return encode(picture);
}

/**
 * Writes the picture, with the folders that its path needs, and returns the path. The file is there whole or not at
 * all.
 *
 * @throws DataError where it cannot be written.
 */
export function savePicture(path: string, picture: study.Picture): string {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new DataError(`${folder}: ${(error as Error).message}; nothing was written`);
  }
  writeWhole(path, pngOf(picture));
  return path;
}
