import { flag } from "../core/options.ts";
import { power } from "../core/power.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { parallel } from "../engine/parallel.ts";
import { Optimizer, type Parameters, vectorsOf } from "./optimizer.ts";
import { betas, positive, type Rules } from "./options.ts";
import { type Needs, type State, zeros } from "./state.ts";

export interface AdamOptions {
  /** The learning rate. */
  lr: number;
  /** How much of the running averages of the gradient and of its square is kept at each step. */
  betas: readonly [number, number];
  /** Added to the root of the averaged square, against division by zero. */
  eps: number;
  /** Adam adds `weightDecay` times the parameter to its gradient; AdamW shrinks the parameter by `lr · weightDecay`. */
  weightDecay: number;
  /** Divides by the largest averaged square so far. */
  amsgrad: boolean;
  /** Climbs instead of descending. */
  maximize: boolean;
}

/** Vectors that one thread updates in about 20 µs. */
const grain = 8192;

const adamRules: Rules<AdamOptions> = {
  lr: positive(1e-3),
  betas: betas([0.9, 0.999]),
  eps: positive(1e-8),
  weightDecay: positive(0),
  amsgrad: flag(false),
  maximize: flag(false),
};

/**
 * Adam, with PyTorch's options, defaults and order of operations (`assembly/optimizer/adam.ts` has the formula): `lr` 0.001, `betas` 0.9
 * and 0.999, `eps` 1e-8, no weight decay.
 *
 * @throws OptionError for unknown options, options below 0 and betas outside of [0, 1).
 */
export class Adam extends Optimizer<AdamOptions> {
  constructor(
    parameters: Parameters<AdamOptions>,
    options: Partial<AdamOptions> | number = {},
    rules: Rules<AdamOptions> = adamRules,
  ) {
    super(parameters, options, rules);
  }

  /** Whether weight decay shrinks the parameter itself (AdamW) instead of adding to its gradient. */
  protected get decoupled(): boolean {
    return false;
  }

  protected needs({ amsgrad }: AdamOptions): Needs {
    return { step: 0, expAvg: zeros, expAvgSq: zeros, ...(amsgrad && { maxExpAvgSq: zeros }) };
  }

  protected update(parameter: Tensor, grad: Tensor, state: State, options: AdamOptions): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = options;
    const [beta1, beta2] = betas;
    const step = (state.step as number) + 1;
    const stepSize = lr / (1 - power(beta1, step));
    const correction = Math.sqrt(1 - power(beta2, step));
    const average = (state.expAvg as Tensor).storage.ptr;
    const squareAverage = (state.expAvgSq as Tensor).storage.ptr;
    const largest = amsgrad ? (state.maxExpAvgSq as Tensor).storage.ptr : 0;
    const decay = this.decoupled ? [0, 1 - lr * weightDecay] : [weightDecay, 1];
    const { ptr } = parameter.storage;
    const blocks = [ptr, grad.storage.ptr, average, squareAverage, largest] as const;
    const moments = [stepSize, beta1, 1 - beta1, beta2, 1 - beta2, correction, eps] as const;
    const rest = [decay[0]!, decay[1]!, maximize ? -1 : 1] as const;
    parallel(kernels.adamStep, vectorsOf(parameter), grain, ...blocks, ...moments, ...rest);
    state.step = step;
  }
}

/**
 * Adam with decoupled weight decay: parameters shrink by `lr · weightDecay` before the step, and the decay does not pass through
 * the averages. `weightDecay` is 0.01 by default, as in PyTorch.
 */
export class AdamW extends Adam {
  constructor(parameters: Parameters<AdamOptions>, options: Partial<AdamOptions> | number = {}) {
    super(parameters, options, { ...adamRules, weightDecay: positive(1e-2) });
  }

  protected override get decoupled(): boolean {
    return true;
  }
}
