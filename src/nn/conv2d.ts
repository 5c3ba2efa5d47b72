import { flag, givenOptions } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { QuarkError } from "../errors.ts";
import { type Conv2dOptions, conv2d, conv2dOptions } from "../particles/convolution/conv2d.ts";
import { resetParameters } from "./init.ts";
import { Module } from "./module.ts";
import { type Parameter, parameter } from "./parameter.ts";

export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Whether a learnt number is added to each output channel. True by default. */
  readonly bias?: boolean;
}

/**
 * A bank of learnt filters over images (`conv2d`): weight [outChannels, inChannels / groups, kH, kW] and bias
 * [outChannels], which start as PyTorch's do.
 *
 * @throws QuarkError where `groups` does not divide both numbers of channels.
 */
export class Conv2d extends Module {
  readonly kernelSize: readonly [number, number];
  readonly options: Conv2dOptions;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly [number, number],
    given?: number | readonly [number, number] | Conv2dLayerOptions,
  ) {
    super();
    const { bias = true, ...options } = givenOptions("Conv2d", given, { ...conv2dOptions, bias: flag(true) });
    const { groups = 1 } = options;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new QuarkError(
        `Conv2d: ${groups} groups do not divide ${inChannels} input and ${outChannels} output channels; each group takes as many of both`,
      );
    }
    this.kernelSize = typeof kernelSize === "number" ? [kernelSize, kernelSize] : kernelSize;
    this.options = options;
    this.weight = parameter([outChannels, inChannels / groups, ...this.kernelSize]);
    this.bias = bias ? parameter([outChannels]) : undefined;
    resetParameters(this.weight, this.bias);
  }

  get inChannels(): number {
    return this.weight.shape[1]! * (this.options.groups ?? 1);
  }

  get outChannels(): number {
    return this.weight.shape[0]!;
  }

  forward(input: Tensor): Tensor {
    return conv2d(input, this.weight, this.bias, this.options);
  }

  protected override describe(): string {
    const options = Object.entries(this.options).map(([name, value]) => `, ${name}=${value}`);
    const bias = this.bias ? "" : ", bias=false";
    return `${this.inChannels}, ${this.outChannels}, kernelSize=${this.kernelSize.join("×")}${options.join("")}${bias}`;
  }
}
