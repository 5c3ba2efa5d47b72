/** Activations as modules, for `Sequential` and for pictures of a model; each is one call of its op. */
import { givenOptions } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { type EluAttributes, elu, eluOptions } from "../particles/activation/elu.ts";
import { type GeluAttributes, gelu, geluOptions } from "../particles/activation/gelu.ts";
import { type LeakyReluAttributes, leakyRelu, leakyReluOptions } from "../particles/activation/leakyRelu.ts";
import { relu } from "../particles/activation/relu.ts";
import { sigmoid } from "../particles/activation/sigmoid.ts";
import { silu } from "../particles/activation/silu.ts";
import { type SoftplusAttributes, softplus, softplusOptions } from "../particles/activation/softplus.ts";
import { tanh } from "../particles/activation/tanh.ts";
import { logSoftmax } from "../particles/reduction/logSoftmax.ts";
import { softmax } from "../particles/reduction/softmax.ts";
import { described } from "./described.ts";
import { Module } from "./module.ts";

export class ReLU extends Module {
  forward(input: Tensor): Tensor {
    return relu(input);
  }
}

export class Sigmoid extends Module {
  forward(input: Tensor): Tensor {
    return sigmoid(input);
  }
}

export class Tanh extends Module {
  forward(input: Tensor): Tensor {
    return tanh(input);
  }
}

export class SiLU extends Module {
  forward(input: Tensor): Tensor {
    return silu(input);
  }
}

/** `negativeSlope` is 0.01 by default. */
export class LeakyReLU extends Module {
  readonly options: Partial<LeakyReluAttributes>;

  constructor(options?: number | Partial<LeakyReluAttributes>) {
    super();
    this.options = givenOptions("LeakyReLU", options, leakyReluOptions);
  }

  forward(input: Tensor): Tensor {
    return leakyRelu(input, this.options);
  }

  protected override describe(): string {
    return described(this.options);
  }
}

/** `alpha` is 1 by default. */
export class ELU extends Module {
  readonly options: Partial<EluAttributes>;

  constructor(options?: number | Partial<EluAttributes>) {
    super();
    this.options = givenOptions("ELU", options, eluOptions);
  }

  forward(input: Tensor): Tensor {
    return elu(input, this.options);
  }

  protected override describe(): string {
    return described(this.options);
  }
}

/** `approximate` is `"none"` or `"tanh"`. */
export class GELU extends Module {
  readonly options: Partial<GeluAttributes>;

  constructor(options?: Partial<GeluAttributes>) {
    super();
    this.options = givenOptions("GELU", options, geluOptions);
  }

  forward(input: Tensor): Tensor {
    return gelu(input, this.options);
  }

  protected override describe(): string {
    return described(this.options);
  }
}

/** `beta` is 1 and `threshold` 20 by default. */
export class Softplus extends Module {
  readonly options: Partial<SoftplusAttributes>;

  constructor(options?: number | Partial<SoftplusAttributes>) {
    super();
    this.options = givenOptions("Softplus", options, softplusOptions);
  }

  forward(input: Tensor): Tensor {
    return softplus(input, this.options);
  }

  protected override describe(): string {
    return described(this.options);
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
    return softmax(input, this.axis);
  }

  protected override describe(): string {
    return described({ axis: this.axis });
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
    return logSoftmax(input, this.axis);
  }

  protected override describe(): string {
    return described({ axis: this.axis });
  }
}
