/** A picture of a digit as MNIST would have it. */
import { decode as decodePng } from "fast-png";
import { decode as decodeJpeg } from "jpeg-js";
import { DataError } from "../index.ts";

/** Brightness from 0 to 1, row by row. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly grey: Float64Array;
}

const mostPixels = 50_000_000;

/**
 * Reads a PNG or a JPEG. Transparent places are white, as paper is.
 *
 * @throws DataError for anything else, for a damaged file, and for more than 50 million pixels.
 */
export function readPicture(bytes: Uint8Array, name: string): GreyPicture {
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg) throw new DataError(`${name}: this is neither PNG nor JPEG`, { format: "image", offset: 0 });
  const format = isPng ? "png" : "jpeg";
  try {
    return isPng ? fromPng(bytes, name) : fromJpeg(bytes);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${name}: the ${format} is damaged: ${(error as Error).message}`, { format, cause: error });
  }
}

function fromPng(bytes: Uint8Array, name: string): GreyPicture {
  // The sizes stand in the first chunk; nothing is unpacked before they are known.
  if (bytes.length < 24) throw new DataError(`${name}: the png is cut off`, { format: "png", offset: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [columns, rows] = [view.getUint32(16), view.getUint32(20)];
  if (columns * rows === 0 || columns * rows > mostPixels) {
    throw new DataError(`${name}: ${columns} × ${rows} pixels are none or more than ${mostPixels}`, {
      format: "png",
      offset: 16,
    });
  }
  const { width, height, data, channels, depth, palette } = decodePng(bytes, { checkCrc: true });
  const most = palette ? 255 : (1 << depth) - 1;
  const grey = new Float64Array(width * height);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const entry = palette ? palette[data[pixel]!] : undefined;
    const parts = entry ?? Array.from({ length: channels }, (_, channel) => data[pixel * channels + channel]!);
    const [red, green, blue, opacity] = parts.length < 3 ? [parts[0]!, parts[0]!, parts[0]!, parts[1]] : parts;
    grey[pixel] = brightness(red!, green!, blue!, most, opacity ?? most);
  }
  return { width, height, grey };
}

function fromJpeg(bytes: Uint8Array): GreyPicture {
  const { width, height, data } = decodeJpeg(bytes, {
    useTArray: true,
    tolerantDecoding: false,
    maxResolutionInMP: mostPixels / 1e6,
    maxMemoryUsageInMB: 1024,
  });
  const grey = new Float64Array(width * height);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const at = 4 * pixel;
    grey[pixel] = brightness(data[at]!, data[at + 1]!, data[at + 2]!, 255, 255);
  }
  return { width, height, grey };
}

/** The weights of Rec. 601, on white. */
function brightness(red: number, green: number, blue: number, most: number, opacity: number): number {
  const light = (0.299 * red + 0.587 * green + 0.114 * blue) / most;
  return 1 - (opacity / most) * (1 - light);
}

const side = 28;
const box = 20;

/**
 * What MNIST's makers did with their scans: the ink, light on dark, is scaled to fit 20 × 20 pixels with its
 * proportions kept, and its centre of mass comes to the middle of 28 × 28. A picture of MNIST itself is taken as it is.
 */
export function digitOf({ width, height, grey }: GreyPicture): Float32Array {
  const ink = borderOf(width, height, grey) > 0.5 ? grey.map((value) => 1 - value) : grey;
  if (width === side && height === side) return Float32Array.from(ink);
  const { left, top, right, bottom } = extentOf(width, height, ink);
  const [wide, high] = [right - left, bottom - top];
  const scale = Math.max(wide, high) / box;
  const [columns, rows] = [Math.max(1, Math.round(wide / scale)), Math.max(1, Math.round(high / scale))];
  const small = new Float64Array(columns * rows);
  let [mass, x, y] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const area = {
        left: left + (column * wide) / columns,
        top: top + (row * high) / rows,
        wide: wide / columns,
        high: high / rows,
      };
      const value = meanWithin(width, height, ink, area);
      small[row * columns + column] = value;
      mass += value;
      x += value * (column + 0.5);
      y += value * (row + 0.5);
    }
  }
  const result = new Float32Array(side * side);
  if (mass === 0) return result;
  // MNIST's centres of mass all lie within the pixel right of and below the middle.
  const shiftX = Math.ceil(side / 2 - x / mass);
  const shiftY = Math.ceil(side / 2 - y / mass);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [atX, atY] = [column + shiftX, row + shiftY];
      if (atX >= 0 && atX < side && atY >= 0 && atY < side) result[atY * side + atX] = small[row * columns + column]!;
    }
  }
  return result;
}

/** The mean brightness along the edge: the background's. */
function borderOf(width: number, height: number, grey: Float64Array): number {
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(width - 1, 1);
    for (let x = 0; x < width; x += step) {
      sum += grey[y * width + x]!;
      count++;
    }
  }
  return sum / count;
}

/** What is at least a tenth as bright as the brightest; all of it where nothing is. */
function extentOf(width: number, height: number, ink: Float64Array) {
  const least = 0.1 * ink.reduce((most, value) => Math.max(most, value), 0);
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (ink[y * width + x]! < least || least === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  return right > left ? { left, top, right, bottom } : { left: 0, top: 0, right: width, bottom: height };
}

/** The mean over a rectangle, whose edges may run through pixels. */
function meanWithin(
  width: number,
  height: number,
  ink: Float64Array,
  { left, top, wide, high }: { left: number; top: number; wide: number; high: number },
): number {
  let sum = 0;
  for (let y = Math.floor(top); y < Math.min(top + high, height); y++) {
    const rows = Math.min(y + 1, top + high) - Math.max(y, top);
    for (let x = Math.floor(left); x < Math.min(left + wide, width); x++) {
      sum += rows * (Math.min(x + 1, left + wide) - Math.max(x, left)) * ink[y * width + x]!;
    }
  }
  return sum / (wide * high);
}
