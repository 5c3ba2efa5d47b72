/** Pictures from PNG files (by fast-png) and JPEG files (by jpeg-js). */
import { decode as decodePng } from "fast-png";
import { decode as decodeJpeg } from "jpeg-js";
import { DataError, type Tensor, tensor } from "../index.ts";
import { readWhole } from "./files.ts";

export interface ImageOptions {
  /** 1 for grey, 3 for colours; by default as the file has them, without transparency. */
  readonly channels?: 1 | 3;
}

/** Rows of pixels of 1 to 4 channels, from 0 to 1. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: ArrayLike<number>;
  readonly largest: number;
}

/**
 * Reads a PNG or JPEG file as a float32 tensor [C, H, W] from 0 to 1: in colour or grey as it is, or as `channels` says.
 *
 * @throws DataError where the file cannot be read, is neither, or is damaged.
 */
export function readImage(file: string, { channels }: ImageOptions = {}): Tensor {
  const pixels = pixelsOf(file, readWhole(file));
  const own = pixels.channels < 3 ? 1 : 3;
  const wanted = channels ?? own;
  const { width, height, values, largest } = pixels;
  const plane = width * height;
  const numbers = new Float32Array(wanted * plane);
  for (let pixel = 0; pixel < plane; pixel++) {
    const at = pixel * pixels.channels;
    if (wanted === own) for (let c = 0; c < own; c++) numbers[c * plane + pixel] = values[at + c]! / largest;
    else if (wanted === 3) for (let c = 0; c < 3; c++) numbers[c * plane + pixel] = values[at]! / largest;
    // Luma of ITU-R BT.601, as torchvision's Grayscale.
    else numbers[pixel] = (0.299 * values[at]! + 0.587 * values[at + 1]! + 0.114 * values[at + 2]!) / largest;
  }
  return tensor(numbers).reshape([wanted, height, width]);
}

function pixelsOf(file: string, bytes: Uint8Array): Pixels {
  const starts = (...first: number[]) => first.every((byte, index) => bytes[index] === byte);
  try {
    if (starts(0x89, 0x50, 0x4e, 0x47)) {
      const { width, height, channels, data, depth, palette } = decodePng(bytes);
      if (palette) {
        const values = Array.from(data).flatMap((index) => palette[index]!.slice(0, 3));
        return { width, height, channels: 3, values, largest: 255 };
      }
      if (depth < 8) throw new DataError(`pictures of ${depth} bits a pixel are not read; save it with 8`);
      return { width, height, channels, values: data, largest: depth === 16 ? 65535 : 255 };
    }
    if (starts(0xff, 0xd8)) {
      const { width, height, data } = decodeJpeg(bytes, {
        useTArray: true,
        formatAsRGBA: false,
        maxMemoryUsageInMB: 1024,
      });
      return { width, height, channels: 3, values: data, largest: 255 };
    }
  } catch (error) {
    throw new DataError(`${file}: ${(error as Error).message}`);
  }
  throw new DataError(`${file}: the bytes are neither a PNG nor a JPEG file`);
}
