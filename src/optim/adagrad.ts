import { flag } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { parallel } from "../engine/parallel.ts";
import { Optimizer, type Parameters, vectorsOf } from "./optimizer.ts";
import { positive, type Rules } from "./options.ts";
import type { Needs, State } from "./state.ts";

export interface AdagradOptions {
  /** The learning rate. */
  lr: number;
  /** The rate falls as 1 / (1 + steps · lrDecay). */
  lrDecay: number;
  /** Adds `weightDecay` times the parameter to its gradient. */
  weightDecay: number;
  /** What the sums of squares begin with. */
  initialAccumulatorValue: number;
  /** Added to the root of the sum, against division by zero. */
  eps: number;
  /** Climbs instead of descending. */
  maximize: boolean;
}

/** Vectors that one thread updates in about 20 µs. */
const grain = 8192;

const rules: Rules<AdagradOptions> = {
  lr: positive(1e-2),
  lrDecay: positive(0),
  weightDecay: positive(0),
  initialAccumulatorValue: positive(0),
  eps: positive(1e-10),
  maximize: flag(false),
};

/**
 * Adagrad: each gradient is divided by the root of the sum of all its squares so far (Duchi, Hazan and Singer, JMLR 12, 2011). PyTorch's
 * options and defaults: `lr` 0.01, `eps` 1e-10; `assembly/optimizer/adagrad.ts` has the formula.
 *
 * @throws OptionError for unknown options and options below 0.
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(parameters: Parameters<AdagradOptions>, options: Partial<AdagradOptions> | number = {}) {
    super(parameters, options, rules);
  }

  protected needs({ initialAccumulatorValue }: AdagradOptions): Needs {
    return { step: 0, sum: { fill: initialAccumulatorValue } };
  }

  protected update(parameter: Tensor, grad: Tensor, state: State, options: AdagradOptions): void {
    const { lr, lrDecay, weightDecay, eps, maximize } = options;
    const steps = state.step as number;
    const blocks = [parameter.storage.ptr, grad.storage.ptr, (state.sum as Tensor).storage.ptr] as const;
    const scalars = [lr / (1 + steps * lrDecay), eps, weightDecay, maximize ? -1 : 1] as const;
    parallel(kernels.adagradStep, vectorsOf(parameter), grain, ...blocks, ...scalars);
    state.step = steps + 1;
  }
}
