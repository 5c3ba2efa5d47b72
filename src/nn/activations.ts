/** Activations as modules, for `Sequential` and for pictures of a model; each is one call of its op. */
import { within } from "../core/observe.ts";
import type { Tensor } from "../core/tensor.ts";
import { logSoftmax } from "../particles/logSoftmax.ts";
import { relu } from "../particles/relu.ts";
import { softmax } from "../particles/softmax.ts";
import { Module } from "./module.ts";

export class ReLU extends Module {
  forward(input: Tensor): Tensor {
    return within(this, () => relu(input));
  }
}

/** Probabilities along `axis`, the classes' by default. */
export class Softmax extends Module {
  readonly axis: number;

  constructor(axis = 1) {
    super();
    this.axis = axis;
  }

  forward(input: Tensor): Tensor {
    return within(this, () => softmax(input, this.axis));
  }

  protected override describe(): string {
    return `axis=${this.axis}`;
  }
}

/** The logarithms of probabilities along `axis`, the classes' by default. */
export class LogSoftmax extends Module {
  readonly axis: number;

  constructor(axis = 1) {
    super();
    this.axis = axis;
  }

  forward(input: Tensor): Tensor {
    return within(this, () => logSoftmax(input, this.axis));
  }

  protected override describe(): string {
    return `axis=${this.axis}`;
  }
}
