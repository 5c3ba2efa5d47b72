import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/module.ts";
import { parallel } from "../engine/parallel.ts";
import { QuarkError } from "../errors.ts";
import { type GroupInit, Optimizer, type State, stateLike, vectorsOf } from "./optimizer.ts";

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

/**
 * Adam, with PyTorch's options, defaults and order of operations (`assembly/optimizer/optimizer.ts` has the formula): `lr` 0.001, `betas` 0.9 and
 * 0.999, `eps` 1e-8, no weight decay.
 *
 * @throws QuarkError for options below 0 and betas outside of [0, 1).
 */
export class Adam extends Optimizer<AdamOptions> {
  constructor(parameters: Iterable<Tensor> | Iterable<GroupInit<AdamOptions>>, options: Partial<AdamOptions> = {}) {
    super(parameters, { ...adamDefaults, ...options });
  }

  /** Whether weight decay shrinks the parameter itself (AdamW) instead of adding to its gradient. */
  protected get decoupled(): boolean {
    return false;
  }

  protected check({ lr, betas, eps, weightDecay }: AdamOptions): void {
    for (const [name, value] of Object.entries({ lr, eps, weightDecay })) {
      if (!(value >= 0)) throw new QuarkError(`${this.constructor.name}: ${name} ${value} must be at least 0`);
    }
    for (const beta of betas) {
      if (!(beta >= 0 && beta < 1)) {
        throw new QuarkError(`${this.constructor.name}: beta ${beta} must be at least 0 and less than 1`);
      }
    }
  }

  protected prepare(parameter: Tensor, state: State | undefined, { amsgrad }: AdamOptions): State | undefined {
    const made: State = {};
    try {
      if (!state) {
        made.step = 0;
        made.expAvg = stateLike(parameter, "expAvg");
        made.expAvgSq = stateLike(parameter, "expAvgSq");
      }
      if (amsgrad && !state?.maxExpAvgSq) made.maxExpAvgSq = stateLike(parameter, "maxExpAvgSq");
    } catch (error) {
      for (const value of Object.values(made)) if (typeof value !== "number") value.dispose();
      throw error;
    }
    return Object.keys(made).length > 0 ? made : undefined;
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
  constructor(parameters: Iterable<Tensor> | Iterable<GroupInit<AdamOptions>>, options: Partial<AdamOptions> = {}) {
    super(parameters, { weightDecay: 1e-2, ...options });
  }

  protected override get decoupled(): boolean {
    return true;
  }
}

const adamDefaults: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

/** base^exponent by squaring: products only, so that every machine gives the same bits (`Math.pow` does not). */
export function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square;
  }
  return result;
}
