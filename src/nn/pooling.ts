import { givenOptions } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { adaptiveAvgPool2d } from "../functional/pooling.ts";
import { type AvgPool2dOptions, avgPool2d, avgPool2dOptions } from "../particles/pooling/avgPool2d.ts";
import type { Pair } from "../particles/pooling/how/pooling.ts";
import { type MaxPool2dOptions, maxPool2d, maxPool2dOptions } from "../particles/pooling/maxPool2d.ts";
import { Module } from "./module.ts";

/** The maximum of each window (`maxPool2d`); windows stand side by side unless `stride` says otherwise. */
export class MaxPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: MaxPool2dOptions;

  constructor(kernelSize: Pair, options?: Pair | MaxPool2dOptions) {
    super();
    this.kernelSize = kernelSize;
    this.options = givenOptions("MaxPool2d", options, maxPool2dOptions);
  }

  forward(input: Tensor): Tensor {
    return maxPool2d(input, this.kernelSize, this.options);
  }

  protected override describe(): string {
    return described(this.kernelSize, this.options);
  }
}

/** The mean of each window (`avgPool2d`); windows stand side by side unless `stride` says otherwise. */
export class AvgPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: AvgPool2dOptions;

  constructor(kernelSize: Pair, options?: Pair | AvgPool2dOptions) {
    super();
    this.kernelSize = kernelSize;
    this.options = givenOptions("AvgPool2d", options, avgPool2dOptions);
  }

  forward(input: Tensor): Tensor {
    return avgPool2d(input, this.kernelSize, this.options);
  }

  protected override describe(): string {
    return described(this.kernelSize, this.options);
  }
}

/**
 * Means over as many equal windows as `outputSize` says, whatever the size of the image: 1 is the mean of each map
 * (`adaptiveAvgPool2d`).
 */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: Pair;

  constructor(outputSize: Pair) {
    super();
    this.outputSize = outputSize;
  }

  forward(input: Tensor): Tensor {
    return adaptiveAvgPool2d(input, this.outputSize);
  }

  protected override describe(): string {
    return `${this.outputSize}`;
  }
}

function described(kernelSize: Pair, options: object): string {
  return [`kernelSize=${kernelSize}`, ...Object.entries(options).map(([name, value]) => `${name}=${value}`)].join(", ");
}
