import { flag } from "../core/options.ts";
import { power } from "../core/power.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { parallel } from "../engine/parallel.ts";
import { Optimizer, type Parameters, vectorsOf } from "./optimizer.ts";
import { betas, positive, type Rules } from "./options.ts";
import { type Needs, type State, zeros } from "./state.ts";

export interface RAdamOptions {
  /** The learning rate. */
  lr: number;
  /** How much of the running averages of the gradient and of its square is kept at each step. */
  betas: readonly [number, number];
  /** Added to the root of the averaged square, against division by zero. */
  eps: number;
  /** Adds `weightDecay` times the parameter to its gradient. */
  weightDecay: number;
  /** Shrinks the parameter by `lr · weightDecay` in place of adding to its gradient. */
  decoupledWeightDecay: boolean;
  /** Climbs instead of descending. */
  maximize: boolean;
}

/** Vectors that one thread updates in about 20 µs. */
const grain = 8192;

const rules: Rules<RAdamOptions> = {
  lr: positive(1e-3),
  betas: betas([0.9, 0.999]),
  eps: positive(1e-8),
  weightDecay: positive(0),
  decoupledWeightDecay: flag(false),
  maximize: flag(false),
};

/**
 * RAdam: Adam that divides by the averaged square only once enough gradients went into it, and by how far that average can be trusted
 * (Liu et al., arXiv:1908.03265). PyTorch's options and defaults: `lr` 0.001, `betas` 0.9 and 0.999; `assembly/optimizer/radam.ts` has the
 * formula.
 *
 * @throws OptionError for unknown options, options below 0 and betas outside of [0, 1).
 */
export class RAdam extends Optimizer<RAdamOptions> {
  constructor(parameters: Parameters<RAdamOptions>, options: Partial<RAdamOptions> | number = {}) {
    super(parameters, options, rules);
  }

  protected needs(): Needs {
    return { step: 0, expAvg: zeros, expAvgSq: zeros };
  }

  protected update(parameter: Tensor, grad: Tensor, state: State, options: RAdamOptions): void {
    const { lr, betas, eps, weightDecay, decoupledWeightDecay, maximize } = options;
    const [beta1, beta2] = betas;
    const step = (state.step as number) + 1;
    const kept = power(beta2, step);
    const correction = 1 - kept;
    // How many gradients the averaged square counts for: at most `most`, `length` so far.
    const most = 2 / (1 - beta2) - 1;
    const length = most - (2 * step * kept) / correction;
    const trusted = length > 5;
    const trust = ((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length);
    const stepSize = (lr / (1 - power(beta1, step))) * (trusted ? Math.sqrt(trust) * Math.sqrt(correction) : 1);
    const average = (state.expAvg as Tensor).storage.ptr;
    const squareAverage = (state.expAvgSq as Tensor).storage.ptr;
    const blocks = [parameter.storage.ptr, grad.storage.ptr, average, squareAverage] as const;
    const moments = [stepSize, beta1, 1 - beta1, beta2, 1 - beta2, eps, trusted ? 1 : 0] as const;
    const decay = decoupledWeightDecay ? ([0, 1 - lr * weightDecay] as const) : ([weightDecay, 1] as const);
    parallel(kernels.radamStep, vectorsOf(parameter), grain, ...blocks, ...moments, ...decay, maximize ? -1 : 1);
    state.step = step;
  }
}
