/** The geometry of a convolution, and what an algorithm for it has to offer. */
import type { Block } from "../../../core/particle.ts";
import { checkShape, dims4, maxSize, type Shape, show } from "../../../core/shape.ts";
import { ShapeError } from "../../../errors.ts";

/** Of rows, then of columns. */
export type Pair = readonly [number, number];

export interface Conv2dAttributes {
  readonly stride: Pair;
  /** Zeros on each side, or what keeps the size of the input at stride 1 (the odd one of them goes behind). */
  readonly padding: Pair | "same";
  readonly dilation: Pair;
  readonly groups: number;
}

/** A convolution along rows or along columns. */
export interface Axis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the first and behind the last. */
  readonly before: number;
  readonly after: number;
}

export interface Conv2dGeometry {
  readonly images: number;
  readonly groups: number;
  /** Of one group. */
  readonly channels: number;
  /** Output channels of one group. */
  readonly outputs: number;
  readonly rows: Axis;
  readonly columns: Axis;
}

/**
 * A convolution of one geometry and its gradients, computed in one way. Which way is taken depends on the geometry without `images`,
 * never on the batch or on threads. All methods overwrite their target; `workspace` is the address of as many bytes as are asked for.
 */
export interface Convolution {
  readonly forwardBytes: number;
  readonly backwardBytes: number;
  forward(input: Block, weight: Block, bias: Block | undefined, output: Block, workspace: number): void;
  /** Each gradient has the same bits alone and with the other. */
  gradients(at: KeptBlocks, into: WantedGradients, workspace: number): void;
}

export interface KeptBlocks {
  readonly input: Block;
  readonly weight: Block;
  readonly grad: Block;
}

export interface WantedGradients {
  readonly input?: Block | undefined;
  readonly weight?: Block | undefined;
}

interface Shapes {
  readonly input: Shape;
  readonly weight: Shape;
  readonly bias?: Shape;
}

/** The geometry, or a ShapeError that says what does not fit. */
export function conv2dGeometry({ input, weight, bias }: Shapes, attributes: Conv2dAttributes): Conv2dGeometry {
  const { stride, padding, dilation, groups } = attributes;
  const shown = `(input ${show(input)}, weight ${show(weight)}${bias ? `, bias ${show(bias)}` : ""})`;
  const fail = (problem: string, advice: string) => new ShapeError(`conv2d: ${problem} ${shown}; ${advice}`);

  const batch = input.length === 3 ? [1, ...input] : input;
  const [images, channels, height, width] = dims4("conv2d", "input", batch, "N, C, H, W, or C, H, W");
  const [outputs, weightChannels, kernelHeight, kernelWidth] = dims4("conv2d", "weight", weight, "O, C/groups, kH, kW");
  if (!isCount(groups, 1)) throw fail(`groups ${groups} is not a whole number of at least 1`, "1 is no grouping");
  for (const [name, pair, least] of [
    ["stride", stride, 1],
    ["dilation", dilation, 1],
    ["padding", padding, 0],
  ] as const) {
    if (pair === "same") continue;
    if (!isCount(pair[0], least) || !isCount(pair[1], least)) {
      throw fail(
        `${name} ${show(pair)} must be whole numbers of at least ${least}`,
        `give one number, or [rows, columns]`,
      );
    }
  }
  for (const [size, what] of [
    [channels, "input has 0 channels"],
    [height, "input has 0 rows"],
    [width, "input has 0 columns"],
    [outputs, "weight has 0 outputs"],
    [kernelHeight * kernelWidth, `weight has a kernel of ${kernelHeight}×${kernelWidth}`],
  ] as const) {
    if (size === 0) throw fail(what, "only the batch may be empty");
  }
  if (channels % groups !== 0) {
    throw fail(
      `input has ${channels} channels, which ${groups} groups do not divide`,
      "choose groups that divide both",
    );
  }
  if (outputs % groups !== 0) {
    throw fail(`weight has ${outputs} outputs, which ${groups} groups do not divide`, "choose groups that divide both");
  }
  if (weightChannels * groups !== channels) {
    const inGroups = groups === 1 ? "" : ` in each of ${groups} groups`;
    throw fail(
      `input has ${channels} channels but weight expects ${weightChannels}${inGroups}`,
      `the weight's second size must be ${channels / groups}`,
    );
  }
  if (bias && (bias.length !== 1 || bias[0] !== outputs)) {
    throw fail(`bias must have one number for each of ${outputs} outputs, got ${show(bias)}`, `use shape [${outputs}]`);
  }
  if (padding === "same" && (stride[0] !== 1 || stride[1] !== 1)) {
    throw fail(`padding "same" needs stride 1, got ${show(stride)}`, "give the padding in numbers");
  }

  const rows = axisOf(height, kernelHeight, stride[0], dilation[0], padding === "same" ? padding : padding[0]);
  const columns = axisOf(width, kernelWidth, stride[1], dilation[1], padding === "same" ? padding : padding[1]);
  if (rows.output < 1 || columns.output < 1) {
    const spread = dilation[0] > 1 || dilation[1] > 1 ? ` with dilation ${show(dilation)}` : "";
    throw fail(
      `kernel ${kernelHeight}×${kernelWidth}${spread} does not fit input ${height}×${width} with padding ${show(padding === "same" ? [rows.before, columns.before] : padding)}`,
      "pad more, or use a smaller kernel",
    );
  }
  checkShape("conv2d", [images, outputs, rows.output, columns.output]);
  const geometry = { images, groups, channels: channels / groups, outputs: outputs / groups, rows, columns };
  const padded = geometry.channels * paddedSize(rows) * paddedSize(columns);
  if (padded > maxSize) throw fail(`the padded input has ${padded} elements, more than ${maxSize}`, "pad less");
  return geometry;
}

/** The shape of the output; an input without a batch axis gives an output without one. */
export function conv2dShape({ images, groups, outputs, rows, columns }: Conv2dGeometry, input: Shape): Shape {
  const image = [groups * outputs, rows.output, columns.output];
  return input.length === 3 ? image : [images, ...image];
}

/** Where a window reads: the input with its zeros. */
export function paddedSize({ before, input, after }: Axis): number {
  return before + input + after;
}

function axisOf(input: number, kernel: number, stride: number, dilation: number, padding: number | "same"): Axis {
  const reach = dilation * (kernel - 1);
  const before = padding === "same" ? Math.floor(reach / 2) : padding;
  const after = padding === "same" ? reach - before : padding;
  const output = Math.floor((before + input + after - reach - 1) / stride) + 1;
  return { input, output, kernel, stride, dilation, before, after };
}

function isCount(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least && value < 2 ** 31;
}
