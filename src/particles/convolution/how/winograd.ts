/**
 * 3 × 3 convolutions of stride 1 by Winograd's F(4×4, 3×3) (`assembly/convolution/winograd.ts`): a quarter of the products. Both gradients come
 * from one transform of the output's gradient (`assembly/convolution/winogradGradients.ts`).
 */
import type { Block } from "../../../core/particle.ts";
import { kernels } from "../../../engine/generated/convolution.ts";
import { engine } from "../../../engine/module.ts";
import { parallelWithScratch } from "../../../engine/parallel.ts";
import { derived } from "../../../engine/storage.ts";
import type { Axis, Conv2dGeometry, Convolution, KeptBlocks, WantedGradients } from "./geometry.ts";

/** Whether forward can compute this geometry so, and is worth while: the same answer for any number of images and of filters. */
export function winogradAppliesForward({ groups, channels, rows, columns }: Conv2dGeometry): boolean {
  if (groups !== 1 || channels < 8 || channels % 4 !== 0) return false;
  if (!isThreeTaps(rows) || !isThreeTaps(columns)) return false;
  // Tiles that hang over the edge are wasted work: a map of 3 × 3 costs as much as one of 4 × 4.
  const direct = 9 * rows.output * columns.output;
  return direct >= 1.5 * pointsAlong(rows.output) * pointsAlong(columns.output);
}

/** The same for the gradients, in which filters play the part of channels. */
export function winogradAppliesBackward(geometry: Conv2dGeometry): boolean {
  return geometry.outputs % 8 === 0 && winogradAppliesForward(geometry);
}

export class WinogradConvolution implements Convolution {
  readonly forwardBytes: number;
  readonly backwardBytes: number;
  readonly #geometry: Conv2dGeometry;

  constructor(geometry: Conv2dGeometry) {
    const { images, outputs, rows, columns } = geometry;
    this.#geometry = geometry;
    this.forwardBytes = outputs % 4 === 0 ? 0 : 4 * images * wholeVectors(outputs) * rows.output * columns.output;
    const { bytes, slots } = slotsOf(geometry);
    this.backwardBytes = outputs % 8 === 0 ? bytes * slots : 0;
  }

  forward(input: Block, weight: Block, bias: Block | undefined, output: Block, workspace: number): void {
    const { images, channels, outputs, rows, columns } = this.#geometry;
    const filters = transformed(weight, "conv2d winograd", channels, outputs, channels * 9, 9, 0);
    const widened = { images, channels, outputs: wholeVectors(outputs), rows, columns };
    if (widened.outputs === outputs) {
      convolve(widened, input.ptr, filters, bias?.ptr ?? 0, output.ptr);
      return;
    }
    // The kernel computes filters by fours. Those that are missing are zero, and what they give is left behind in the workspace.
    convolve(widened, input.ptr, filters, bias?.ptr ?? 0, workspace);
    const plane = 4 * rows.output * columns.output;
    const bytes = new Uint8Array(engine().memory.buffer);
    for (let image = 0; image < images; image++) {
      const from = workspace + image * widened.outputs * plane;
      bytes.copyWithin(output.ptr + image * outputs * plane, from, from + outputs * plane);
    }
  }

  gradients({ input, weight, grad }: KeptBlocks, into: WantedGradients, workspace: number): void {
    const { images, channels, outputs, rows, columns } = this.#geometry;
    const { blocks, blocksPerSlot, slots } = slotsOf(this.#geometry);
    const turned = into.input
      ? transformed(weight, "conv2dGradInput winograd", outputs, channels, 9, channels * 9, 1)
      : 0;
    if (images > 0) {
      const wanted = Number(into.input !== undefined) + Number(into.weight !== undefined);
      const work = blocks.tiles * blocksPerSlot * 36 * channels * outputs * wanted;
      const { units, partOutputs, grain } = partsOf(slots, work, channels);
      parallelWithScratch(
        kernels.winogradGradients,
        units,
        grain,
        kernels.winogradScratchBytes(outputs, partOutputs, tilesIn(columns.input), blocks.images, blocks.rows),
        grad.ptr,
        input.ptr,
        turned,
        into.input?.ptr ?? 0,
        into.weight ? workspace : 0,
        images,
        channels,
        rows.input,
        columns.input,
        outputs,
        rows.output,
        columns.output,
        rows.before,
        columns.before,
        blocks.images,
        blocks.rows,
        partOutputs,
        blocksPerSlot,
      );
    }
    if (!into.weight) return;
    parallelWithScratch(
      kernels.winogradGradWeightSum,
      outputs / 8,
      Math.ceil(8192 / (36 * channels * Math.max(slots, 1))),
      transformScratch,
      workspace,
      into.weight.ptr,
      channels,
      outputs,
      images > 0 ? slots : 0,
    );
  }
}

/** Bytes that the transform of a filter needs. */
const transformScratch = 27 * 16;

type Filtering = Pick<Conv2dGeometry, "images" | "channels" | "outputs" | "rows" | "columns">;

function convolve(convolution: Filtering, source: number, filters: number, bias: number, target: number): void {
  const { images, channels, outputs, rows, columns } = convolution;
  if (images === 0) return;
  const blocks = blocksOf(images, rows.output, columns.output, 32);
  const { units, partOutputs, grain } = partsOf(blocks.count, blocks.tiles * 36 * channels * outputs, outputs);
  parallelWithScratch(
    kernels.winogradConvolve,
    units,
    grain,
    kernels.winogradScratchBytes(channels, partOutputs, tilesIn(columns.output), blocks.images, blocks.rows),
    source,
    filters,
    bias,
    target,
    images,
    channels,
    rows.input,
    columns.input,
    outputs,
    rows.output,
    columns.output,
    rows.before,
    columns.before,
    blocks.images,
    blocks.rows,
    partOutputs,
  );
}

/** The filters in Winograd's domain, computed when the weight has changed. Steps are in elements, by output and by channel. */
function transformed(
  weight: Block,
  key: string,
  channels: number,
  outputs: number,
  outputStep: number,
  channelStep: number,
  turned: 0 | 1,
): number {
  return derived(weight.storage, `${key} ${[channels, outputs]}`, weightBytes(channels, outputs), (ptr) =>
    parallelWithScratch(
      kernels.winogradWeights,
      Math.ceil(outputs / 16),
      Math.ceil(64 / channels),
      transformScratch,
      weight.ptr,
      ptr,
      channels,
      outputs,
      outputStep,
      channelStep,
      turned,
    ),
  );
}

/** How the tiles are cut: blocks of whole images, or of rows of tiles of one image. The whole images of a batch change no bit. */
interface Blocks {
  readonly count: number;
  readonly images: number;
  readonly rows: number;
  /** In a whole block. */
  readonly tiles: number;
}

/**
 * Blocks of whole images that have about `most` tiles together, or of bands of about so many, which read two rows of their neighbours: so V, M
 * and the filters of 64 channels stay in the second-level cache.
 */
function blocksOf(images: number, height: number, width: number, most: number): Blocks {
  const down = tilesIn(height);
  const across = tilesIn(width);
  if (down * across <= most) {
    const together = Math.max(1, Math.min(images, Math.floor(most / (down * across))));
    return { count: Math.ceil(images / together), images: together, rows: down, tiles: together * down * across };
  }
  const bands = Math.ceil(down / Math.max(1, Math.floor(most / across)));
  const rows = Math.ceil(down / bands);
  return { count: images * Math.ceil(down / rows), images: 1, rows, tiles: rows * across };
}

/**
 * Units of work, each of `partOutputs` output channels: where there are fewer than eight pieces, they are cut by output channels
 * too, into parts of whole panels of 16 and of at least 20 µs. `work` counts the multiply–adds of a piece. Cutting changes no bit.
 */
function partsOf(pieces: number, work: number, outputs: number) {
  const least = 2 ** 18;
  const panels = Math.ceil(outputs / 16);
  const wanted = Math.min(Math.ceil(8 / pieces), Math.floor(work / least), panels);
  const partOutputs = Math.min(16 * Math.ceil(panels / Math.max(1, wanted)), 8 * Math.ceil(outputs / 8));
  const parts = Math.ceil(outputs / partOutputs);
  return { units: pieces * parts, partOutputs, grain: Math.ceil((least * parts) / work) };
}

/** The sums of the weight gradient: blocks in up to 8 slots, in fewer where 8 would take more than 32 MiB. A matter of shapes only. */
function slotsOf(geometry: Conv2dGeometry) {
  const bytes = weightBytes(geometry.outputs, geometry.channels);
  const blocks = blocksOf(geometry.images, geometry.rows.input, geometry.columns.input, 64);
  const most = Math.max(1, Math.min(8, Math.floor(2 ** 25 / bytes)));
  const blocksPerSlot = Math.max(1, Math.ceil(blocks.count / most));
  return { bytes, blocks, blocksPerSlot, slots: Math.ceil(blocks.count / blocksPerSlot) };
}

/** 36 planes, an odd multiple of 64 bytes apart, as in `assembly/convolution/how/winogradGrid.ts`. */
function weightBytes(channels: number, outputs: number): number {
  return 36 * (Math.ceil((channels * Math.ceil(outputs / 8)) / 4) * 128 + 64);
}

function isThreeTaps({ kernel, stride, dilation, before, after }: Axis): boolean {
  return kernel === 3 && stride === 1 && dilation === 1 && before === after && before <= 2;
}

/** The number of filters rounded up to fours. */
function wholeVectors(outputs: number): number {
  return 4 * Math.ceil(outputs / 4);
}

function tilesIn(size: number): number {
  return Math.ceil(size / 4);
}

/** Points of the transform along one axis: six for each four pixels or three, four for an edge of one or two. */
function pointsAlong(size: number): number {
  return 6 * Math.floor((size + 1) / 4) + (size % 4 === 1 || size % 4 === 2 ? 4 : 0);
}
