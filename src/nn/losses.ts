/** Losses as modules, with PyTorch's names, options and defaults; each is one call of its op. */
import { givenOptions } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { type BceWithLogitsOptions, bceWithLogits, bceWithLogitsOptions } from "../particles/loss/bceWithLogits.ts";
import { type CrossEntropyOptions, crossEntropy, crossEntropyOptions } from "../particles/loss/crossEntropy.ts";
import { type LossOptions, lossOptions } from "../particles/loss/how/losses.ts";
import { l1Loss } from "../particles/loss/l1Loss.ts";
import { mseLoss } from "../particles/loss/mseLoss.ts";
import { type NllLossOptions, nllLoss, nllLossOptions } from "../particles/loss/nllLoss.ts";
import { Module } from "./module.ts";
import { Buffer } from "./parameter.ts";

/** Logits against labels (`crossEntropy`). */
export class CrossEntropyLoss extends Module {
  readonly weight: Buffer | undefined;
  readonly options: Omit<CrossEntropyOptions, "weight">;

  constructor(given?: CrossEntropyOptions) {
    super();
    const { weight, ...options } = givenOptions("CrossEntropyLoss", given, crossEntropyOptions);
    this.weight = weight && new Buffer(weight);
    this.options = options;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, { ...this.options, weight: this.weight });
  }
}

/** Log-probabilities against labels (`nllLoss`). */
export class NLLLoss extends Module {
  readonly weight: Buffer | undefined;
  readonly options: Omit<NllLossOptions, "weight">;

  constructor(given?: NllLossOptions) {
    super();
    const { weight, ...options } = givenOptions("NLLLoss", given, nllLossOptions);
    this.weight = weight && new Buffer(weight);
    this.options = options;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, { ...this.options, weight: this.weight });
  }
}

/** The squared difference (`mseLoss`). */
export class MSELoss extends Module {
  readonly options: LossOptions;

  constructor(options?: LossOptions) {
    super();
    this.options = givenOptions("MSELoss", options, lossOptions);
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options);
  }
}

/** The magnitude of the difference (`l1Loss`). */
export class L1Loss extends Module {
  readonly options: LossOptions;

  constructor(options?: LossOptions) {
    super();
    this.options = givenOptions("L1Loss", options, lossOptions);
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.options);
  }
}

/** Logits against probabilities of yes (`bceWithLogits`). */
export class BCEWithLogitsLoss extends Module {
  readonly posWeight: Buffer | undefined;
  readonly options: LossOptions;

  constructor(given?: BceWithLogitsOptions) {
    super();
    const { posWeight, ...options } = givenOptions("BCEWithLogitsLoss", given, bceWithLogitsOptions);
    this.posWeight = posWeight && new Buffer(posWeight);
    this.options = options;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return bceWithLogits(input, target, { ...this.options, posWeight: this.posWeight });
  }
}
