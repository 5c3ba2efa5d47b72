import { empty } from "../core/creation.ts";
import { sameShape, show } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import { DataError, ShapeError } from "../errors.ts";
import type { Dataset } from "./dataset.ts";
import { checkIndices } from "./indices.ts";
import { copyRows } from "./rows.ts";
import { prepared } from "./subset.ts";

/** The samples of one data set, where they stand in a batch. */
interface Part<Batch> {
  readonly dataset: Dataset<Batch>;
  readonly indices: number[];
  readonly places: number[];
}

/** Several data sets as one, one behind the other. Their batches must have the same fields: tensors, or lists. */
export class ConcatDataset<Batch> implements Dataset<Batch> {
  readonly length: number;
  readonly datasets: readonly Dataset<Batch>[];

  /** @throws DataError for an empty list. */
  constructor(datasets: Iterable<Dataset<Batch>>) {
    this.datasets = [...datasets];
    if (this.datasets.length === 0) throw new DataError("ConcatDataset: there are no data sets to concatenate");
    this.length = this.datasets.reduce((sum, { length }) => sum + length, 0);
  }

  batch(indices: ArrayLike<number>): Batch {
    const parts = this.#parts(indices);
    return joined(
      parts.map(({ dataset, indices }) => dataset.batch(indices)),
      parts.map(({ places }) => places),
    );
  }

  async prepare(indices: ArrayLike<number>): Promise<() => Batch> {
    const parts = this.#parts(indices);
    const ready = await Promise.all(parts.map(({ dataset, indices }) => prepared(dataset, indices)));
    return () =>
      joined(
        ready.map((make) => make()),
        parts.map(({ places }) => places),
      );
  }

  #parts(indices: ArrayLike<number>): Part<Batch>[] {
    checkIndices("ConcatDataset", indices, this.length);
    const parts = this.datasets.map((dataset): Part<Batch> => ({ dataset, indices: [], places: [] }));
    for (let place = 0; place < indices.length; place++) {
      let index = indices[place]!;
      let number = 0;
      while (index >= parts[number]!.dataset.length) index -= parts[number++]!.dataset.length;
      parts[number]!.indices.push(index);
      parts[number]!.places.push(place);
    }
    return parts.filter(({ indices }) => indices.length > 0);
  }
}

/** One batch of several, whose rows go to the places given. */
function joined<Batch>(batches: readonly Batch[], places: readonly (readonly number[])[], name = "batch"): Batch {
  const [first] = batches;
  if (batches.length === 1) return first!;
  const count = places.reduce((sum, some) => sum + some.length, 0);
  if (first instanceof Tensor) return rowsJoined(batches as readonly Tensor[], places, count, name) as Batch;
  if (typeof first !== "object" || first === null) {
    throw new DataError(`ConcatDataset: "${name}" is neither a tensor nor a list nor an object of them`);
  }
  if (Array.isArray(first) && first.every((item) => !(item instanceof Tensor))) {
    const list = new Array<unknown>(count);
    for (const [part, batch] of batches.entries()) {
      for (const [row, place] of places[part]!.entries()) list[place] = (batch as readonly unknown[])[row];
    }
    return list as Batch;
  }
  const fields = Object.keys(first).map((field) => {
    const values = batches.map((batch) => (batch as Record<string, unknown>)[field]);
    return [field, joined(values, places, field)] as const;
  });
  return (Array.isArray(first) ? fields.map(([, value]) => value) : Object.fromEntries(fields)) as Batch;
}

function rowsJoined(
  parts: readonly Tensor[],
  places: readonly (readonly number[])[],
  count: number,
  name: string,
): Tensor {
  const [, ...rest] = parts[0]!.shape;
  const { dtype } = parts[0]!;
  for (const part of parts) {
    if (part instanceof Tensor && part.dtype === dtype && sameShape(part.shape.slice(1), rest)) continue;
    throw new ShapeError(
      `ConcatDataset: a row of "${name}" is ${dtype} ${show(rest)} in one data set and ${part?.dtype} ${show(part?.shape.slice(1) ?? [])} in another`,
    );
  }
  const result = empty([count, ...rest], { dtype });
  for (const [index, part] of parts.entries()) {
    copyRows(part, result, (row) => [row, places[index]![row]!], places[index]!.length);
  }
  return result;
}
