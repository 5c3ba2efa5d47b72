/** Pictures as PNG files. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { encode } from "fast-png";
import type { study } from "../index.ts";

/** The bytes of a PNG file with this picture. */
export function pngOf(picture: study.Picture): Uint8Array {
  return encode(picture);
}

/** Writes the picture, with the folders that its path needs, and returns the path. */
export function savePicture(path: string, picture: study.Picture): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, pngOf(picture));
  return path;
}
