/** Pictures that a page holds in itself. */
import { scaleLinear } from "d3-scale";
import { encode } from "fast-png";
import { reshape, study, type Tensor } from "../../index.ts";
import { type Html, html } from "./html.ts";

/** A picture as the page shows it, and how its colours are to be read. */
export interface Shown {
  readonly picture: Pixels;
  readonly colors: "gray" | "signed" | "heat";
}

/** Rows of pixels from the top; two and four channels have their opacity last. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly data: Uint8Array;
}

/** An `img` with the picture inside; CSS sizes it. */
export function imageOf({ picture, colors }: Shown, text: string): Html {
  const { width, height } = picture;
  return html`<img class="pixels ${colors}" src="${dataUri(picture)}" width="${width}" height="${height}" alt="${text}">`;
}

export function dataUri(picture: Pixels): string {
  return `data:image/png;base64,${Buffer.from(encode(picture)).toString("base64")}`;
}

/** One sample's value as a sheet: its channels as tiles, or the numbers of a row as one tile that is nearly square. */
export function sheetOf(value: Tensor): Shown {
  const colors = hasNegative(value) ? "signed" : "gray";
  if (value.shape.length === 4) return tiled(value, colors, "tile");
  const [rows, columns] = nearlySquare(value.size);
  return tiled(reshape(value, [1, 1, rows, columns]), colors, "tile");
}

/** A sheet about twice as wide as high of the channels of [1, C, H, W], a pixel apart with nothing between them. */
export function tiled(value: Tensor, colors: "gray" | "signed", range: "tile" | "sheet"): Shown {
  const [, count = 1, height = 1, width = 1] = value.shape;
  const gap = count > 1 ? 1 : 0;
  const columns = columnsOf(count, (2 * height) / width);
  const sheet = study.contactSheet(value, { columns, scale: 1, gap, colors, range });
  const isTile = (x: number, y: number) => {
    const [column, row] = [Math.floor(x / (width + gap)), Math.floor(y / (height + gap))];
    return x % (width + gap) >= gap && y % (height + gap) >= gap && row * columns + column < count;
  };
  return { picture: seeThrough(sheet, isTile), colors };
}

/**
 * Columns for so many tiles of a sheet that is `stretch` times as many columns wide as rows high; fewer tiles in the
 * last row are avoided.
 */
function columnsOf(count: number, stretch: number): number {
  const wanted = Math.sqrt(count * stretch);
  const whole = Array.from({ length: count }, (_, index) => index + 1).filter((columns) => count % columns === 0);
  const nearest = whole.reduce((best, columns) => (distance(columns) < distance(best) ? columns : best));
  return distance(nearest) < 1.3 ? nearest : Math.min(count, Math.ceil(wanted));

  function distance(columns: number): number {
    return Math.max(columns / wanted, wanted / columns);
  }
}

const [red, blue] = [
  [214, 62, 52],
  [48, 110, 230],
] as const;

/**
 * The picture with nothing where `isSeen` is false. In a signed one zero is see-through, too, and the size of a number
 * is its opacity, so that it is right on a light and on a dark page.
 */
function seeThrough(
  { width, height, channels, data }: study.Picture,
  isSeen: (x: number, y: number) => boolean,
): Pixels {
  const result = new Uint8Array(width * height * (channels + 1));
  for (let at = 0; at < width * height; at++) {
    if (!isSeen(at % width, Math.floor(at / width))) continue;
    const given = data.subarray(at * channels, (at + 1) * channels);
    const start = at * (channels + 1);
    const [r, g, b] = given as unknown as [number, number, number];
    if (channels === 1) result.set([r, 255], start);
    // A sheet is red to white above zero and blue to white below; NaN is black.
    else result.set(r === b && r === 0 ? [0, 0, 0, 255] : [...(r > b ? red : blue), 255 - g], start);
  }
  return { width, height, channels: channels === 1 ? 2 : 4, data: result };
}

function hasNegative({ data }: Tensor): boolean {
  for (const number of data) if (number < 0) return true;
  return false;
}

/** The two factors that lie closest, the smaller first. */
function nearlySquare(size: number): [number, number] {
  let rows = Math.floor(Math.sqrt(size));
  while (size % rows !== 0) rows--;
  return [rows, size / rows];
}

/** Black over purple, red and orange to light yellow: brighter with every step, also for who sees no colours. */
const heatColors = [
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
];
const heat = scaleLinear<number[]>()
  .domain(heatColors.map((_, index) => index / (heatColors.length - 1)))
  .range(heatColors)
  .clamp(true);

/** A map of weights from 0 on laid over a grey image from 0 to 1 of the same size. */
export function heatOver(image: ArrayLike<number>, map: ArrayLike<number>, width: number): Shown {
  const most = Array.from(map).reduce((largest, weight) => Math.max(largest, weight), 0) || 1;
  const data = new Uint8Array(3 * image.length);
  for (let at = 0; at < image.length; at++) {
    const weight = map[at]! / most;
    const color = heat(weight);
    for (let channel = 0; channel < 3; channel++) {
      data[3 * at + channel] = Math.round(0.72 * color[channel]! + 0.28 * 255 * image[at]!);
    }
  }
  return { picture: { width, height: image.length / width, channels: 3, data }, colors: "heat" };
}
