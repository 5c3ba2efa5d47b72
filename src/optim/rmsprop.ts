import { flag } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { parallel } from "../engine/parallel.ts";
import { Optimizer, type Parameters, vectorsOf } from "./optimizer.ts";
import { positive, type Rules } from "./options.ts";
import { type Needs, type State, zeros } from "./state.ts";

export interface RMSpropOptions {
  /** The learning rate. */
  lr: number;
  /** How much of the running average of the squared gradient is kept at each step. */
  alpha: number;
  /** Added to the root of that average, against division by zero. */
  eps: number;
  /** Adds `weightDecay` times the parameter to its gradient. */
  weightDecay: number;
  /** The share of the last step that is kept. */
  momentum: number;
  /** Divides by the deviation of the gradient in place of its root mean square. */
  centered: boolean;
  /** Climbs instead of descending. */
  maximize: boolean;
}

/** Vectors that one thread updates in about 20 µs. */
const grain = 8192;

const rules: Rules<RMSpropOptions> = {
  lr: positive(1e-2),
  alpha: positive(0.99),
  eps: positive(1e-8),
  weightDecay: positive(0),
  momentum: positive(0),
  centered: flag(false),
  maximize: flag(false),
};

/**
 * RMSprop: each gradient is divided by the root of the running average of its square (Tieleman and Hinton, 2012; centred as in Graves,
 * arXiv:1308.0850). PyTorch's options and defaults: `lr` 0.01, `alpha` 0.99, `eps` 1e-8; `assembly/optimizer/rmsprop.ts` has the formula.
 *
 * @throws OptionError for unknown options and options below 0.
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(parameters: Parameters<RMSpropOptions>, options: Partial<RMSpropOptions> | number = {}) {
    super(parameters, options, rules);
  }

  protected needs({ centered, momentum }: RMSpropOptions): Needs {
    return { squareAvg: zeros, ...(centered && { gradAvg: zeros }), ...(momentum > 0 && { momentumBuffer: zeros }) };
  }

  protected update(parameter: Tensor, grad: Tensor, state: State, options: RMSpropOptions): void {
    const { lr, alpha, eps, weightDecay, momentum, centered, maximize } = options;
    const squares = (state.squareAvg as Tensor).storage.ptr;
    const average = centered ? (state.gradAvg as Tensor).storage.ptr : 0;
    const buffer = momentum > 0 ? (state.momentumBuffer as Tensor).storage.ptr : 0;
    const blocks = [parameter.storage.ptr, grad.storage.ptr, squares, average, buffer] as const;
    const scalars = [lr, alpha, 1 - alpha, eps, momentum, weightDecay, maximize ? -1 : 1] as const;
    parallel(kernels.rmspropStep, vectorsOf(parameter), grain, ...blocks, ...scalars);
  }
}
