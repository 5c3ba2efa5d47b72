import { within } from "../core/observe.ts";
import { show } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { ShapeError } from "../errors.ts";
import { type AvgPool2dOptions, avgPool2d } from "../particles/avgPool2d.ts";
import { type MaxPool2dOptions, maxPool2d } from "../particles/maxPool2d.ts";
import { Module } from "./module.ts";

type Pair = number | readonly [number, number];

/** The maximum of each window (`maxPool2d`); windows stand side by side unless `stride` says otherwise. */
export class MaxPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: MaxPool2dOptions;

  constructor(kernelSize: Pair, options: MaxPool2dOptions = {}) {
    super();
    this.kernelSize = kernelSize;
    this.options = options;
  }

  forward(input: Tensor): Tensor {
    return within(this, () => maxPool2d(input, this.kernelSize, this.options));
  }

  protected override describe(): string {
    return described(this.kernelSize, this.options);
  }
}

/** The mean of each window (`avgPool2d`); windows stand side by side unless `stride` says otherwise. */
export class AvgPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: AvgPool2dOptions;

  constructor(kernelSize: Pair, options: AvgPool2dOptions = {}) {
    super();
    this.kernelSize = kernelSize;
    this.options = options;
  }

  forward(input: Tensor): Tensor {
    return within(this, () => avgPool2d(input, this.kernelSize, this.options));
  }

  protected override describe(): string {
    return described(this.kernelSize, this.options);
  }
}

/**
 * Means over as many equal windows as `outputSize` says, whatever the size of the image: 1 is the mean of each map. The image's sizes
 * have to be multiples of it.
 */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: readonly [number, number];

  constructor(outputSize: Pair) {
    super();
    this.outputSize = typeof outputSize === "number" ? [outputSize, outputSize] : outputSize;
  }

  /** @throws ShapeError where the windows would not be equal. */
  forward(input: Tensor): Tensor {
    const { shape } = input;
    const [rows, columns] = this.outputSize;
    const [height = 0, width = 0] = shape.slice(-2);
    if (height % rows !== 0 || width % columns !== 0) {
      throw new ShapeError(
        `AdaptiveAvgPool2d: ${height}×${width} does not fall into ${rows}×${columns} equal windows (input ${show(shape)}); choose a size that divides it, or use AvgPool2d`,
      );
    }
    return within(this, () => avgPool2d(input, [height / rows, width / columns]));
  }

  protected override describe(): string {
    return this.outputSize.join("×");
  }
}

function described(kernelSize: Pair, options: object): string {
  return [`kernelSize=${kernelSize}`, ...Object.entries(options).map(([name, value]) => `${name}=${value}`)].join(", ");
}
