/** What every engine is given: the same task, with the same numbers. */

export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A task. `weights` bear PyTorch's names and layouts; images are [batch, 1, 28, 28], labels one a row. */
export interface Work {
  readonly task: "sora inference" | "sora step" | "mlp step" | "conv2d" | "matmul" | "sum";
  readonly batch: number;
  readonly optimizer?: "sgd" | "adam";
  readonly weights: Readonly<Record<string, Values>>;
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

export const learningRate = { sgd: 0.05, adam: 0.001 } as const;
export const momentum = 0.9;

/** A task that was set up. `run` does it once: its outputs, or for a training step the loss before it. */
export interface Running {
  /** Not timed. */
  prepare?(): Promise<unknown>;
  run(): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Brings outputs into PyTorch's layout for the comparison; not timed. */
  read?(result: ArrayLike<number>): ArrayLike<number>;
  /** What stands beside our figures: a hash of the outputs, or of the weights. */
  hash?(): string;
}

export interface Engine {
  readonly name: string;
  /** What it cannot do, and how it was run. */
  readonly note: string;
  /** Nothing where the engine cannot do the task. */
  start(work: Work): Promise<Running | undefined>;
}

/** A small generator for data that need no quality: mulberry32. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function uniform(count: number, seed: number, low = 0, high = 1): Float32Array {
  const next = generator(seed);
  return Float32Array.from({ length: count }, () => low + (high - low) * next());
}

/** The matrix [rows, columns] as [columns, rows]. */
export function transposed({ data }: Values, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, at) => data[(at % rows) * columns + Math.floor(at / rows)]!);
}

/** The tensor [A, B, C, D] with its axes in another order. */
export function permuted(data: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  return Float32Array.from({ length: data.length }, (_, at) => {
    let rest = at;
    let from = 0;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += (rest % sizes[axis]!) * steps[axis]!;
      rest = Math.floor(rest / sizes[axis]!);
    }
    return data[from]!;
  });
}
