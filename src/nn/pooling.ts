import { within } from "../core/observe.ts";
import type { Tensor } from "../core/tensor.ts";
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
    return describePool(this.kernelSize, this.options);
  }
}

function describePool(kernelSize: Pair, options: object): string {
  return [`kernelSize=${kernelSize}`, ...Object.entries(options).map(([name, value]) => `${name}=${value}`)].join(", ");
}
