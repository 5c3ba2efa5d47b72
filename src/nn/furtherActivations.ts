/** Further activations as modules, with PyTorch's names, options and defaults; each is one call of its op. */
import { readOptions, real, whole } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import {
  type HardtanhOptions,
  hardtanh,
  hardtanhOptions,
  relu6,
  softmin,
  tanhshrink,
} from "../functional/activation.ts";
import { type CeluAttributes, celu, celuOptions } from "../particles/activation/celu.ts";
import { glu } from "../particles/activation/glu.ts";
import { type HardshrinkAttributes, hardshrink, hardshrinkOptions } from "../particles/activation/hardshrink.ts";
import { hardsigmoid } from "../particles/activation/hardsigmoid.ts";
import { hardswish } from "../particles/activation/hardswish.ts";
import { logSigmoid } from "../particles/activation/logSigmoid.ts";
import { mish } from "../particles/activation/mish.ts";
import { prelu } from "../particles/activation/prelu.ts";
import { selu } from "../particles/activation/selu.ts";
import { type SoftshrinkAttributes, softshrink, softshrinkOptions } from "../particles/activation/softshrink.ts";
import { softsign } from "../particles/activation/softsign.ts";
import { threshold } from "../particles/activation/threshold.ts";
import { described } from "./described.ts";
import { Module } from "./module.ts";
import { type Parameter, parameter } from "./parameter.ts";

/** min(max(x, 0), 6) (`relu6`). */
export class ReLU6 extends Module {
  forward(input: Tensor): Tensor {
    return relu6(input);
  }
}

/** A straight line in place of the logistic function (`hardsigmoid`). */
export class Hardsigmoid extends Module {
  forward(input: Tensor): Tensor {
    return hardsigmoid(input);
  }
}

/** x times that line (`hardswish`). */
export class Hardswish extends Module {
  forward(input: Tensor): Tensor {
    return hardswish(input);
  }
}

/** x·tanh(softplus(x)) (`mish`). */
export class Mish extends Module {
  forward(input: Tensor): Tensor {
    return mish(input);
  }
}

/** A scaled elu that keeps the deviation of activations (`selu`). */
export class SELU extends Module {
  forward(input: Tensor): Tensor {
    return selu(input);
  }
}

/** The logarithm of the logistic function (`logSigmoid`). */
export class LogSigmoid extends Module {
  forward(input: Tensor): Tensor {
    return logSigmoid(input);
  }
}

/** x / (1 + |x|) (`softsign`). */
export class Softsign extends Module {
  forward(input: Tensor): Tensor {
    return softsign(input);
  }
}

/** x − tanh x (`tanhshrink`). */
export class Tanhshrink extends Module {
  forward(input: Tensor): Tensor {
    return tanhshrink(input);
  }
}

/** Each element between `minVal`, −1, and `maxVal`, 1 by default (`hardtanh`). */
export class Hardtanh extends Module {
  readonly options: HardtanhOptions;

  constructor(options?: Partial<HardtanhOptions>) {
    super();
    this.options = readOptions<HardtanhOptions>("Hardtanh", options, hardtanhOptions);
  }

  forward(input: Tensor): Tensor {
    return hardtanh(input, this.options);
  }

  protected override describe(): string {
    return described(this.options);
  }
}

/** An elu with a continuous slope (`celu`); `alpha` is 1 by default. */
export class CELU extends Module {
  readonly options: CeluAttributes;

  constructor(options?: Partial<CeluAttributes>) {
    super();
    this.options = readOptions<CeluAttributes>("CELU", options, celuOptions);
  }

  forward(input: Tensor): Tensor {
    return celu(input, this.options);
  }

  protected override describe(): string {
    return described(this.options);
  }
}

/** Zero for elements up to `lambd`, 0.5 by default (`hardshrink`). */
export class Hardshrink extends Module {
  readonly options: HardshrinkAttributes;

  constructor(options?: Partial<HardshrinkAttributes>) {
    super();
    this.options = readOptions<HardshrinkAttributes>("Hardshrink", options, hardshrinkOptions);
  }

  forward(input: Tensor): Tensor {
    return hardshrink(input, this.options);
  }

  protected override describe(): string {
    return described(this.options);
  }
}

/** Elements drawn towards zero by `lambd`, 0.5 by default (`softshrink`). */
export class Softshrink extends Module {
  readonly options: SoftshrinkAttributes;

  constructor(options?: Partial<SoftshrinkAttributes>) {
    super();
    this.options = readOptions<SoftshrinkAttributes>("Softshrink", options, softshrinkOptions);
  }

  forward(input: Tensor): Tensor {
    return softshrink(input, this.options);
  }

  protected override describe(): string {
    return described(this.options);
  }
}

/** x where it is more than `threshold`, `value` elsewhere (`threshold`). */
export class Threshold extends Module {
  readonly threshold: number;
  readonly value: number;

  constructor(threshold: number, value: number) {
    super();
    this.threshold = threshold;
    this.value = value;
  }

  forward(input: Tensor): Tensor {
    return threshold(input, this.threshold, this.value);
  }

  protected override describe(): string {
    return described({ threshold: this.threshold, value: this.value });
  }
}

/** One half of an axis gated by the other (`glu`); the last axis by default. */
export class GLU extends Module {
  readonly axis: number;

  constructor(axis = -1) {
    super();
    this.axis = axis;
  }

  forward(input: Tensor): Tensor {
    return glu(input, this.axis);
  }

  protected override describe(): string {
    return described({ axis: this.axis });
  }
}

/** softmax(−x) along `axis`, the classes' by default (`softmin`). */
export class Softmin extends Module {
  readonly axis: number;

  constructor(axis = 1) {
    super();
    this.axis = axis;
  }

  forward(input: Tensor): Tensor {
    return softmin(input, this.axis);
  }

  protected override describe(): string {
    return described({ axis: this.axis });
  }
}

interface PReLUOptions {
  /** One slope for all elements, or one for each channel. */
  readonly numParameters: number;
  /** What the slopes start as. */
  readonly init: number;
}

/** A leaky relu whose slopes are learnt (`prelu`): `weight` [numParameters], which starts as 0.25. */
export class PReLU extends Module {
  readonly weight: Parameter;

  constructor(options?: Partial<PReLUOptions>) {
    super();
    const { numParameters, init } = readOptions<PReLUOptions>("PReLU", options, {
      numParameters: whole(1, 1),
      init: real(0.25),
    });
    this.weight = parameter([numParameters]);
    this.weight.data.fill(init);
  }

  forward(input: Tensor): Tensor {
    return prelu(input, this.weight);
  }

  protected override describe(): string {
    return described({ numParameters: this.weight.size });
  }
}
