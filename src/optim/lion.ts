import { flag } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { parallel } from "../engine/parallel.ts";
import { Optimizer, type Parameters, vectorsOf } from "./optimizer.ts";
import { betas, positive, type Rules } from "./options.ts";
import { type Needs, type State, zeros } from "./state.ts";

export interface LionOptions {
  /** The learning rate: what each element moves by. */
  lr: number;
  /** How much of the average goes into the step, and how much of it is kept. */
  betas: readonly [number, number];
  /** Shrinks the parameter by `lr · weightDecay` before the step. */
  weightDecay: number;
  /** Climbs instead of descending. */
  maximize: boolean;
}

/** Vectors that one thread updates in about 20 µs. */
const grain = 16384;

const rules: Rules<LionOptions> = {
  lr: positive(1e-4),
  betas: betas([0.9, 0.99]),
  weightDecay: positive(0),
  maximize: flag(false),
};

/**
 * Lion: every element moves by the learning rate, in the direction of the sign of an average (Chen et al., arXiv:2302.06675, program 1).
 * PyTorch has none; options and defaults are the paper's: `lr` 0.0001, `betas` 0.9 and 0.99. `assembly/optimizer/lion.ts` has the formula.
 *
 * @throws OptionError for unknown options, options below 0 and betas outside of [0, 1).
 */
export class Lion extends Optimizer<LionOptions> {
  constructor(parameters: Parameters<LionOptions>, options: Partial<LionOptions> | number = {}) {
    super(parameters, options, rules);
  }

  protected needs(): Needs {
    return { expAvg: zeros };
  }

  protected update(parameter: Tensor, grad: Tensor, state: State, options: LionOptions): void {
    const { lr, betas, weightDecay, maximize } = options;
    const [beta1, beta2] = betas;
    const blocks = [parameter.storage.ptr, grad.storage.ptr, (state.expAvg as Tensor).storage.ptr] as const;
    const scalars = [lr, beta1, 1 - beta1, beta2, 1 - beta2, 1 - lr * weightDecay, maximize ? -1 : 1] as const;
    parallel(kernels.lionStep, vectorsOf(parameter), grain, ...blocks, ...scalars);
  }
}
