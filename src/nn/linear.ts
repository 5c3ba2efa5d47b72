import { flag, readOptions } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { linear } from "../particles/matrix/linear.ts";
import { resetParameters } from "./init.ts";
import { Module } from "./module.ts";
import { type Parameter, parameter } from "./parameter.ts";

/**
 * A learnt linear map of the last axis (`linear`): weight [outFeatures, inFeatures] and bias [outFeatures], which start
 * as PyTorch's do.
 */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(inFeatures: number, outFeatures: number, options?: boolean | { readonly bias?: boolean }) {
    super();
    const { bias } = readOptions("Linear", options, { bias: flag(true) });
    this.weight = parameter([outFeatures, inFeatures]);
    this.bias = bias ? parameter([outFeatures]) : undefined;
    resetParameters(this.weight, this.bias);
  }

  get inFeatures(): number {
    return this.weight.shape[1]!;
  }

  get outFeatures(): number {
    return this.weight.shape[0]!;
  }

  forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  protected override describe(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}${this.bias ? "" : ", bias=false"}`;
  }
}
