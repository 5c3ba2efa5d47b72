/** The geometry that max and average pooling share. */
import { dims4, type Shape, show } from "../../../core/shape.ts";
import { ShapeError } from "../../../errors.ts";

/** One number for height and width, or one for each. */
export type Pair = number | readonly [number, number];

export interface PoolAttributes {
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly ceilMode: boolean;
  readonly dilation?: Pair;
}

export interface PoolGeometry {
  /** N·C planes of H × W become as many of P × Q. */
  readonly planes: number;
  readonly output: Shape;
  readonly H: number;
  readonly W: number;
  readonly P: number;
  readonly Q: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** One image, [C, H, W]. */
type Plane = readonly [number, number, number];

/** Checks shape and attributes, and gives the sizes that follow from them. */
export function poolGeometry(op: string, input: Shape, attributes: PoolAttributes): PoolGeometry {
  const [n, c, H, W] = input.length === 3 ? [1, ...(input as Plane)] : dims4(op, "input", input, "N, C, H, W");
  const kernel = wholePair(op, "kernelSize", attributes.kernelSize, 1);
  const stride = wholePair(op, "stride", attributes.stride, 1);
  const padding = wholePair(op, "padding", attributes.padding, 0);
  const dilation = wholePair(op, "dilation", attributes.dilation ?? 1, 1);
  for (const axis of [0, 1] as const) {
    if (2 * padding[axis] > kernel[axis]) {
      throw new ShapeError(
        `${op}: padding ${padding[axis]} is more than half of the window ${kernel.join("×")} (input ${show(input)}); a window must not lie in the padding alone`,
      );
    }
  }
  const reach = [dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1] as const;
  if (H === 0 || W === 0 || reach[0] > H + 2 * padding[0] || reach[1] > W + 2 * padding[1]) {
    const dilated = reach[0] === kernel[0] && reach[1] === kernel[1] ? "" : `, dilated to ${reach.join("×")},`;
    throw new ShapeError(
      `${op}: window ${kernel.join("×")}${dilated} does not fit input ${H}×${W} with padding ${same(padding)} (input ${show(input)}); use a smaller kernelSize or more padding`,
    );
  }
  const outputs = (axis: 0 | 1, size: number): number => {
    const room = size + 2 * padding[axis] - reach[axis];
    if (!attributes.ceilMode) return Math.floor(room / stride[axis]) + 1;
    const count = Math.ceil(room / stride[axis]) + 1;
    // The last window has to begin inside the input or the padding before it.
    return (count - 1) * stride[axis] >= size + padding[axis] ? count - 1 : count;
  };
  const [P, Q] = [outputs(0, H), outputs(1, W)];
  return { planes: n * c, output: [...input.slice(0, -2), P, Q], H, W, P, Q, kernel, stride, padding, dilation };
}

/**
 * Whether it is the common 2 × 2 window with stride 2 and nothing else, which has
 * kernels of its own for rows of at least a vector.
 */
export function isHalving({ H, W, P, Q, kernel, stride, padding, dilation }: PoolGeometry): boolean {
  const isPlain = isPair(kernel, 2) && isPair(stride, 2) && isPair(padding, 0) && isPair(dilation, 1);
  return isPlain && Q >= 4 && P === H >> 1 && Q === W >> 1;
}

function isPair([height, width]: readonly [number, number], value: number): boolean {
  return height === value && width === value;
}

function wholePair(op: string, name: string, value: Pair, least: number): readonly [number, number] {
  const both: Pair = typeof value === "number" ? [value, value] : [...value];
  if (both.length !== 2 || !both.every((number) => Number.isInteger(number) && number >= least)) {
    throw new ShapeError(
      `${op}: ${name} must be a whole number of at least ${least}, or two of them (height, width), got ${both.join(", ")}`,
    );
  }
  return both;
}

function same([height, width]: readonly [number, number]): string {
  return height === width ? `${height}` : `${height}, ${width}`;
}
