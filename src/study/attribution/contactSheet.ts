/** Many small pictures in one: filters, feature maps, attributions. Makes pixels; what writes a file is elsewhere. */
import { show } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ShapeError } from "../../errors.ts";

/** Rows of pixels from the top, each of `channels` bytes. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

export interface ContactSheetOptions {
  /** Tiles in a row; by default C where each channel is a tile, else as many as make the sheet about square. */
  readonly columns?: number;
  /** The side of the square that a number becomes; 4 by default. */
  readonly scale?: number;
  /**
   * Pixels between two tiles and around them, 2 by default: white, and gray where the colors are "signed", since 0 is
   * white there.
   */
  readonly gap?: number;
  /**
   * "gray", the default, goes from black at the least number to white at the greatest; "signed" from blue at −m through
   * white at 0 to red at m, where m is the largest size of a number; "rgb" takes three channels as red, green and blue.
   */
  readonly colors?: "gray" | "signed" | "rgb";
  /** Whether least and greatest are those of a "tile", the default, or of the whole "sheet". */
  readonly range?: "tile" | "sheet";
}

/**
 * A sheet of the tiles of [N, H, W], or of [N, C, H, W], where each channel is a tile unless `colors` is "rgb". NaN is
 * black.
 *
 * @throws ShapeError for other shapes, and for sizes that are no whole numbers.
 */
export function contactSheet(tiles: Tensor, options: ContactSheetOptions = {}): Picture {
  const { colors = "gray", range = "tile", scale = 4, gap = 2 } = options;
  const { count, planes, height, width, across } = tilesOf(tiles, colors);
  const { columns = across } = options;
  if (!(whole(columns, 1) && whole(scale, 1) && whole(gap, 0))) {
    throw new ShapeError(
      `contactSheet: columns ${columns}, scale ${scale} and gap ${gap} must be whole numbers, at least 1, 1 and 0`,
    );
  }
  const used = Math.min(columns, count);
  const sheetWidth = used * (width * scale + gap) + gap;
  const sheetHeight = Math.ceil(count / used) * (height * scale + gap) + gap;
  const channels = colors === "gray" ? 1 : 3;
  const pixels = new Uint8Array(sheetWidth * sheetHeight * channels).fill(colors === "signed" ? 160 : 255);
  const numbers = tiles.data as ArrayLike<number>;
  const area = height * width;
  const rangeOfSheet = range === "sheet" ? rangeOf(numbers, 0, tiles.size) : undefined;
  for (let tile = 0; tile < count; tile++) {
    const first = tile * planes * area;
    const paint = painter(colors, rangeOfSheet ?? rangeOf(numbers, first, first + planes * area));
    const left = gap + (tile % used) * (width * scale + gap);
    const top = gap + Math.floor(tile / used) * (height * scale + gap);
    for (let at = 0; at < area; at++) {
      const color = paint((plane) => numbers[first + plane * area + at]!);
      const [x, y] = [left + (at % width) * scale, top + Math.floor(at / width) * scale];
      for (let row = y; row < y + scale; row++) {
        for (let column = x; column < x + scale; column++) pixels.set(color, (row * sheetWidth + column) * channels);
      }
    }
  }
  return { width: sheetWidth, height: sheetHeight, channels, data: pixels };
}

function tilesOf({ shape }: Tensor, colors: string) {
  const [height, width] = shape.slice(-2);
  const channels = shape.length === 4 ? shape[1]! : 1;
  const fits = colors === "rgb" ? shape.length === 4 && channels === 3 : shape.length === 3 || shape.length === 4;
  if (!fits || height === undefined || width === undefined || shape.includes(0)) {
    const wanted = colors === "rgb" ? "[N, 3, H, W]" : "[N, H, W] or [N, C, H, W]";
    throw new ShapeError(`contactSheet: the tiles must be ${wanted} and not empty, got ${show(shape)}`);
  }
  const planes = colors === "rgb" ? 3 : 1;
  const count = (shape[0]! * channels) / planes;
  const across = planes === 1 && channels > 1 ? channels : Math.ceil(Math.sqrt(count));
  return { count, planes, height, width, across };
}

type Range = readonly [least: number, greatest: number];

function rangeOf(numbers: ArrayLike<number>, from: number, to: number): Range {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = from; at < to; at++) {
    const number = numbers[at]!;
    if (number < least) least = number;
    if (number > greatest) greatest = number;
  }
  return [least, greatest];
}

/** From the numbers of a place, by plane, to the bytes of its pixel. */
function painter(colors: string, [least, greatest]: Range): (numberOf: (plane: number) => number) => number[] {
  if (colors === "signed") {
    const most = Math.max(Math.abs(least), Math.abs(greatest)) || 1;
    return (numberOf) => {
      const share = numberOf(0) / most;
      const rest = Math.round(255 * (1 - Math.abs(share)));
      return share < 0 ? [rest, rest, 255] : share >= 0 ? [255, rest, rest] : [0, 0, 0];
    };
  }
  const span = greatest - least || 1;
  const byte = (number: number) => Math.round((255 * (number - least)) / span);
  return colors === "rgb"
    ? (numberOf) => [byte(numberOf(0)), byte(numberOf(1)), byte(numberOf(2))]
    : (numberOf) => [byte(numberOf(0))];
}

function whole(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least;
}
