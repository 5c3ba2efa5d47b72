import { empty } from "../core/creation.ts";
import { type Shape, show, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/layout.ts";
import { engine } from "../engine/module.ts";
import { parallel } from "../engine/parallel.ts";
import { workspaceFor } from "../engine/workspace.ts";
import { DataError, ShapeError } from "../errors.ts";
import { checkIndices } from "./indices.ts";
import { rowsOf } from "./rows.ts";

/** Samples that can be had in any order, a batch at a time. */
export interface Dataset<Batch> {
  /** The number of samples. */
  readonly length: number;
  /** The samples with these numbers, as new tensors whose first axis counts them. */
  batch(indices: ArrayLike<number>): Batch;
  /** For samples that have to be waited for: loads them, and returns what puts the batch together from them, at once. */
  prepare?(indices: ArrayLike<number>): Promise<() => Batch>;
}

/** A tensor for each name. */
export type TensorBatch<Name extends string> = { readonly [N in Name]: Tensor };

/** Samples that lie in tensors, one row each: `new TensorDataset({ images, labels })`. The tensors stay the caller's. */
export class TensorDataset<Name extends string> implements Dataset<TensorBatch<Name>> {
  readonly length: number;
  readonly #tensors: readonly (readonly [Name, Tensor])[];

  /** @throws ShapeError where the tensors have not one number of rows. */
  constructor(tensors: Readonly<Record<Name, Tensor>>) {
    this.#tensors = Object.entries(tensors) as [Name, Tensor][];
    const lengths = new Set(this.#tensors.map(([, { shape }]) => shape[0]));
    if (lengths.size !== 1 || lengths.has(undefined)) {
      const shown = this.#tensors.map(([name, { shape }]) => `${name} ${show(shape)}`).join(", ");
      throw new ShapeError(
        `TensorDataset: the tensors differ in their number of rows (${shown}); each row is a sample`,
      );
    }
    this.length = this.#tensors[0]![1].shape[0]!;
  }

  batch(indices: ArrayLike<number>): TensorBatch<Name> {
    checkIndices("TensorDataset", indices, this.length);
    const rows = this.#tensors.map(([name, tensor]) => [name, rowsOf(tensor, indices)] as const);
    return Object.fromEntries(rows) as TensorBatch<Name>;
  }
}

export type ImageBatch = TensorBatch<"images" | "labels">;

/**
 * Grey or colour images of unsigned bytes with a label each. The bytes stay where they are, outside of linear memory; a batch is
 * gathered and divided by 255 as it is asked for: images float32 [B, C, H, W] from 0 to 1, labels int32 [B].
 */
export class ImageDataset implements Dataset<ImageBatch> {
  readonly length: number;
  /** C, H, W. */
  readonly imageShape: Shape;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;

  /** @throws DataError where the number of bytes is not that of the labels' images. */
  constructor(images: Uint8Array, labels: Uint8Array, imageShape: Shape) {
    if (images.length !== labels.length * sizeOf(imageShape)) {
      throw new DataError(
        `ImageDataset: ${labels.length} labels need ${labels.length * sizeOf(imageShape)} bytes of images, got ${images.length} (image ${show(imageShape)})`,
      );
    }
    this.images = images;
    this.labels = labels;
    this.imageShape = imageShape;
    this.length = labels.length;
  }

  batch(indices: ArrayLike<number>): ImageBatch {
    checkIndices("ImageDataset", indices, this.length);
    const pixels = sizeOf(this.imageShape);
    const count = indices.length;
    const images = empty([count, ...this.imageShape]);
    images.label = "images";
    const bytes = workspaceFor(count * pixels);
    const gathered = new Uint8Array(engine().memory.buffer, bytes, count * pixels);
    for (let k = 0; k < count; k++) {
      const from = indices[k]! * pixels;
      gathered.set(this.images.subarray(from, from + pixels), k * pixels);
    }
    parallel(kernels.bytesToUnit, Math.ceil((count * pixels) / 4), 16384, bytes, images.storage.ptr);
    const labels = empty([count], { dtype: "int32" });
    labels.label = "labels";
    const { data } = labels;
    for (let k = 0; k < count; k++) data[k] = this.labels[indices[k]!]!;
    return { images, labels };
  }
}
