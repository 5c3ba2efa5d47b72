/** Seeded numbers to fill a tensor with. */
import type { DType } from "../../core/dtype.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";

/** Values with their dtype; float32 ones are float32 numbers. */
export interface Filled {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: ArrayLike<number>;
}

/**
 * How a tensor is filled: small integers; reals of the op's range; reals over forty powers of two; any 32 bits as a
 * float; reals with one NaN, infinity, zero or denormal planted among them.
 */
export type Fill = "integers" | "reals" | "powers" | "patterns" | "planted";

export type Range = readonly [low: number, high: number];

/** mulberry32: numbers in [0, 1), the same for the same seed. */
export function randomIn(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function filled(shape: Shape, dtype: DType, kind: Fill, random: () => number, range?: Range): Filled {
  const size = sizeOf(shape);
  if (dtype === "uint8") return { shape, dtype, data: fill(new Uint8Array(size), () => random() * 256) };
  if (dtype === "int32") return { shape, dtype, data: fill(new Int32Array(size), () => random() * 200 - 100) };
  return { shape, dtype, data: fill(new Float32Array(size), drawerOf(kind, random, range)) };
}

/** As `from` of typed arrays does, in a fifth of its time: samples for several threads are large. */
function fill<T extends Float32Array | Float64Array | Int32Array | Uint8Array>(
  data: T,
  valueAt: (index: number) => number,
): T {
  for (let index = 0; index < data.length; index++) data[index] = valueAt(index);
  return data;
}

function drawerOf(kind: Fill, random: () => number, range: Range | undefined): () => number {
  const [low, high] = range ?? [-2, 2];
  if (kind === "patterns") return () => floatOf(Math.floor(random() * 2 ** 32));
  if (kind === "integers") {
    const first = Math.max(Math.ceil(low), range ? -8 : -4);
    const last = Math.min(Math.floor(high), range ? 8 : 4);
    if (range === undefined) return () => Math.floor(random() * 9) - 4;
    if (first <= last) return () => first + Math.floor(random() * (last - first + 1));
  }
  if (kind === "powers" && !range) return () => (random() * 2 - 1) * powerOfTwo(Math.floor(random() * 40) - 20);
  return () => low + random() * (high - low);
}

const word = new DataView(new ArrayBuffer(4));

function floatOf(pattern: number): number {
  word.setUint32(0, pattern);
  return word.getFloat32(0);
}

function powerOfTwo(exponent: number): number {
  return floatOf((exponent + 127) << 23);
}

const plants = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1e-40, -1e-45, 1e30];

/** Replaces one element by a special value. */
export function plant(values: Filled, random: () => number): Filled {
  const data = Float32Array.from(values.data);
  if (data.length > 0) data[Math.floor(random() * data.length)] = plants[Math.floor(random() * plants.length)]!;
  return { ...values, data };
}

/** Moves every element at least a twentieth away from each of `kinks`. */
export function keepAway(values: Filled, kinks: readonly number[]): Filled {
  const data = Float32Array.from(values.data);
  if (kinks.length > 0) {
    fill(data, (index) => {
      const value = data[index]!;
      const kink = kinks.find((one) => Math.abs(value - one) < 0.05);
      return kink === undefined ? value : kink + (value < kink ? -0.05 : 0.05);
    });
  }
  return { ...values, data };
}

/** Replaces the elements of all tensors by distinct ones, in random order, equally spaced over the range. */
export function makeDistinct(tensors: readonly Filled[], random: () => number, [low, high]: Range): Filled[] {
  const total = tensors.reduce((sum, { data }) => sum + data.length, 0);
  const order = fill(new Float64Array(total), (index) => low + ((index + 0.5) / total) * (high - low));
  for (let index = total - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  let next = 0;
  return tensors.map((values) => ({
    ...values,
    data: fill(new Float32Array(values.data.length), () => order[next++]!),
  }));
}
